import { RECALL_POINTS } from './coco/cocoRules';
import { interpolatedPrecision } from './interpolatedPrecision';
import { matchDetections, requireSameIndex } from './matchDetections';
import { precisionRecall } from './precisionRecall';
import type { DetectionTable } from './table/detectionTable';
import type { GroundTruthTable } from './table/groundTruthTable';

/** The precision/recall curve of one class at IoU .5, in few enough numbers to be kept. */
export interface ClassCurve {
  /** Name of the class. */
  readonly name: string;
  /** The largest precision at or beyond recall 0, .01, ... 1, 0..1, to four digits. */
  readonly precision: readonly number[];
}

/**
 * The curves of which the VOC rules take the area, read where COCO reads them: at 101 recalls, made monotone.
 *
 * @param detections - Made with `groundTruth.index`.
 * @param groundTruth - Every picture that was looked at, those without objects too.
 * @returns One entry for each class that has objects, in the order of the evaluation index.
 * @throws UserError for tables of different evaluation indexes.
 */
export function classCurves(detections: DetectionTable, groundTruth: GroundTruthTable): ClassCurve[] {
  requireSameIndex(detections, groundTruth);
  return groundTruth.index.classes.flatMap((name, classIndex) => {
    const matched = matchDetections(detections, groundTruth, classIndex, 0.5);
    if (matched.objects === 0) return [];
    const curve = interpolatedPrecision(precisionRecall(detections, matched), RECALL_POINTS);
    return [{ name, precision: curve.map((value) => Math.round(value * 1e4) / 1e4) }];
  });
}
