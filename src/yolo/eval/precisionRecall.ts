import * as v from 'valibot';
import { checkArguments, INT32S, record } from '../core/arguments';
import { wholeFrom } from '../core/form';
import { IGNORED, type MatchedDetections, TRUE_POSITIVE } from './matchDetections';
import { DETECTION_TABLE, type DetectionTable } from './table/detectionTable';

/**
 * Precision and recall after each detection that counts, from the most confident one down; each array has one entry per
 * detection.
 */
export interface PrecisionRecall {
  /** Confidence of the detection. */
  readonly score: Float64Array;
  /** True positives so far by detections so far, 0..1. */
  readonly precision: Float64Array;
  /** True positives so far by objects, 0..1; NaN where the class has no objects. */
  readonly recall: Float64Array;
}

const CURVE_OF = {
  detections: DETECTION_TABLE,
  matched: record('matched detections', {
    rows: INT32S,
    outcome: v.instance(Uint8Array, 'a Uint8Array'),
    objects: wholeFrom(0),
  }),
};

/**
 * The precision/recall curve of one class.
 *
 * @param detections - All of them.
 * @param matched - What `matchDetections` says of those of the class.
 * @throws UserError for an argument of another kind.
 */
export function precisionRecall(detections: DetectionTable, matched: MatchedDetections): PrecisionRecall {
  checkArguments('precisionRecall', { detections, matched }, CURVE_OF);
  const { rows, outcome, objects } = matched;
  const score = new Float64Array(rows.length);
  const precision = new Float64Array(rows.length);
  const recall = new Float64Array(rows.length);
  let counted = 0;
  let truePositives = 0;
  for (let place = 0; place < rows.length; place++) {
    if (outcome[place] === IGNORED) continue;
    if (outcome[place] === TRUE_POSITIVE) truePositives++;
    score[counted] = detections.score[rows[place]];
    recall[counted] = truePositives / objects;
    precision[counted] = truePositives / ++counted;
  }
  return {
    score: score.subarray(0, counted),
    precision: precision.subarray(0, counted),
    recall: recall.subarray(0, counted),
  };
}
