import { allOptional, checkArguments, FINITE } from '../core/arguments';
import { matchDetections, requireSameIndex, THRESHOLD } from './matchDetections';
import { meanOfNumbers } from './meanOfNumbers';
import { precisionRecall } from './precisionRecall';
import type { DetectionTable } from './table/detectionTable';
import type { GroundTruthTable } from './table/groundTruthTable';
import type { VocResult } from './voc';

const OPTIONS = allOptional({ scoreThreshold: FINITE, iouThreshold: THRESHOLD });

/**
 * Mean average precision as the original's published code computes it, to compare with {@link evaluateVoc} on the same
 * detections.
 *
 * It differs in four points: only detections with a score above .4 count; IoU must be larger than .5, not just reach
 * it; difficult objects count like others; and the area lies under the raw precision/recall points, joined by straight
 * lines from (recall 0, precision 1), without making precision monotone. Its fifth point is the caller's: the ground
 * truth that it reads back from a 7 x 7 grid, one object a cell, and the more confident of a cell's two boxes.
 *
 * The terms of 1e-6 that the code adds to its denominators are left out.
 *
 * @param detections - Made with `groundTruth.index`.
 * @param groundTruth - Every picture that was looked at, those without objects too.
 * @param options - Threshold of scores and of IoU.
 * @param options.scoreThreshold - Only scores above it count. Default .4.
 * @param options.iouThreshold - The IoU of a detection that finds an object is larger than this. Default .5.
 * @throws UserError for tables of different evaluation indexes or a threshold out of range.
 */
export function evaluateAsOriginal(
  detections: DetectionTable,
  groundTruth: GroundTruthTable,
  options: { scoreThreshold?: number; iouThreshold?: number } = {},
): VocResult {
  requireSameIndex(detections, groundTruth);
  checkArguments('evaluateAsOriginal', { options }, { options: OPTIONS });
  const { scoreThreshold = 0.4, iouThreshold = 0.5 } = options;
  const allCount = { ...groundTruth, difficult: new Uint8Array(groundTruth.length) };
  // The next larger number: "at least" that is "more than" the threshold.
  const above = Math.min(1, iouThreshold * (1 + Number.EPSILON));
  const classes = groundTruth.index.classes.map((name, classIndex) => {
    const { rows, outcome, objects } = matchDetections(detections, allCount, classIndex, above);
    let count = 0;
    while (count < rows.length && detections.score[rows[count]] > scoreThreshold) count++;
    const kept = { rows: rows.subarray(0, count), outcome: outcome.subarray(0, count), objects };
    const curve = precisionRecall(detections, kept);
    const ap = objects > 0 ? trapezoids(curve.precision, curve.recall) : Number.NaN;
    return { name, objects, detections: count, ap };
  });
  return { map: meanOfNumbers(classes.map(({ ap }) => ap)), classes };
}

function trapezoids(precision: Float64Array, recall: Float64Array): number {
  let area = 0;
  for (let place = 0; place < precision.length; place++) {
    const lastPrecision = place > 0 ? precision[place - 1] : 1;
    const lastRecall = place > 0 ? recall[place - 1] : 0;
    area += ((recall[place] - lastRecall) * (precision[place] + lastPrecision)) / 2;
  }
  return area;
}
