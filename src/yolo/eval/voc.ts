import { allOptional, checkArguments } from '../core/arguments';
import { AP_RULE, type ApRule, averagePrecision } from './averagePrecision';
import { matchDetections, requireSameIndex, THRESHOLD } from './matchDetections';
import { meanOfNumbers } from './meanOfNumbers';
import { precisionRecall } from './precisionRecall';
import type { DetectionTable } from './table/detectionTable';
import type { GroundTruthTable } from './table/groundTruthTable';

/** Options of {@link evaluateVoc}. */
export interface VocOptions {
  /** IoU from which an object counts as found, above 0, up to 1. Default: 0.5. */
  iouThreshold?: number;
  /** How a class's curve becomes one number. Default: `area`. */
  ap?: ApRule;
}

/** Result for one class. */
export interface VocClassResult {
  /** Name of the class. */
  readonly name: string;
  /** Objects that count: those that aren't difficult. */
  readonly objects: number;
  /** Detections that were judged, those of difficult objects included. */
  readonly detections: number;
  /** Average precision, 0..1; NaN for a class without objects. */
  readonly ap: number;
}

/** Result of {@link evaluateVoc}. */
export interface VocResult {
  /** Mean of the classes' AP, 0..1, classes without objects left out; NaN if no class has any. */
  readonly map: number;
  /** One entry a class, in the order of the evaluation index. */
  readonly classes: readonly VocClassResult[];
}

const OPTIONS = allOptional({ iouThreshold: THRESHOLD, ap: AP_RULE });

/**
 * Mean average precision by the rules of PASCAL VOC (Everingham et al., IJCV 2010; see {@link matchDetections} and
 * {@link averagePrecision}).
 *
 * No score cut-off is applied. Detections of equal confidence stay in the order in which they were added.
 *
 * @param detections - Made with `groundTruth.index`.
 * @param groundTruth - Every picture that was looked at, those without objects too.
 * @param options - Threshold and rule. Default: IoU .5 and the area under the curve.
 * @throws UserError for tables of different evaluation indexes, a threshold out of range or an unknown rule.
 */
export function evaluateVoc(
  detections: DetectionTable,
  groundTruth: GroundTruthTable,
  options: VocOptions = {},
): VocResult {
  requireSameIndex(detections, groundTruth);
  checkArguments('evaluateVoc', { options }, { options: OPTIONS });
  const { iouThreshold = 0.5, ap: rule = 'area' } = options;
  const classes = groundTruth.index.classes.map((name, classIndex) => {
    const matched = matchDetections(detections, groundTruth, classIndex, iouThreshold);
    const { objects, rows } = matched;
    const ap = objects > 0 ? averagePrecision(precisionRecall(detections, matched), rule) : Number.NaN;
    return { name, objects, detections: rows.length, ap };
  });
  return { map: meanOfNumbers(classes.map(({ ap }) => ap)), classes };
}
