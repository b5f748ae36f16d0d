import type { ApRule } from '../../eval/averagePrecision';
import { classCurves } from '../../eval/classCurves';
import { type CocoResult, evaluateCoco } from '../../eval/coco/coco';
import { type Confusion, confusion } from '../../eval/confusion';
import { analyseErrors, type ErrorAnalysis } from '../../eval/errorAnalysis';
import type { DetectionTable } from '../../eval/table/detectionTable';
import type { GroundTruthTable } from '../../eval/table/groundTruthTable';
import { evaluateVoc, type VocResult } from '../../eval/voc';
import type { NetworkUsed } from './tables';

/** By which rules is evaluated, and on what. */
export interface EvaluationRules {
  readonly split?: string;
  readonly truth?: string;
  readonly ap: ApRule;
  readonly iou: number;
  readonly coco?: boolean;
}

/** Figures of all pictures, or of those of one year. */
export interface Part {
  readonly pictures: number;
  readonly detections: number;
  readonly voc: VocResult;
  readonly coco?: CocoResult;
}

/** What is told of a network beyond its average precision, at IoU .5. */
export interface Details extends NetworkUsed {
  /** Of the detections from the network's score cut on. */
  readonly confusion: Confusion['counts'];
  readonly errors: ErrorAnalysis['shares'];
  /** Of each class with objects, the largest precision at or beyond recall 0, .1, ... 1. */
  readonly precision: Readonly<Record<string, readonly number[]>>;
}

/** Evaluates the pictures of two tables. */
export function evaluatePart(
  detections: DetectionTable,
  groundTruth: GroundTruthTable,
  { ap, iou, coco }: EvaluationRules,
): Part {
  return {
    pictures: groundTruth.index.keys.length,
    detections: detections.length,
    voc: evaluateVoc(detections, groundTruth, { ap, iouThreshold: iou }),
    ...(coco ? { coco: evaluateCoco(detections, groundTruth) } : {}),
  };
}

/** Confusion at a score cut, kinds of errors, and precision over recall. */
export function detailsOf(
  detections: DetectionTable,
  groundTruth: GroundTruthTable,
  scoreCut: number,
): Omit<Details, keyof NetworkUsed> {
  const curves = classCurves(detections, groundTruth).map(({ name, precision }) => [
    name,
    precision.filter((_, hundredth) => hundredth % 10 === 0),
  ]);
  return {
    confusion: confusion(detections, groundTruth, { scoreCut }).counts,
    errors: analyseErrors(detections, groundTruth).shares,
    precision: Object.fromEntries(curves),
  };
}

/** What `--json` prints. NaN, what has no objects, becomes null there. */
export function toJson(
  whole: Part,
  years: ReadonlyMap<string, Part>,
  { split, truth, ap, iou }: EvaluationRules,
  details?: Details,
): object {
  return {
    ...figures(whole),
    ...(truth === undefined ? {} : { truth }),
    ...(split === undefined ? {} : { split }),
    rule: ap,
    iou,
    ...(years.size > 0
      ? { years: Object.fromEntries([...years].map(([year, part]) => [year, figures(part)])) }
      : {}),
    ...details,
  };
}

function figures({ voc, coco, pictures, detections }: Part): object {
  return {
    map: voc.map,
    ap: Object.fromEntries(voc.classes.map(({ name, ap }) => [name, ap])),
    n: Object.fromEntries(voc.classes.map(({ name, objects }) => [name, objects])),
    pictures,
    detections,
    ...(coco ? { coco: cocoFigures(coco) } : {}),
  };
}

function cocoFigures({ classes, ...figures }: CocoResult): object {
  return { ...figures, apByClass: Object.fromEntries(classes.map(({ name, ap }) => [name, ap])) };
}
