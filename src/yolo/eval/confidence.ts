import { allOptional, COUNT, checkArguments, NUMBERS } from '../core/arguments';
import {
  FALSE_POSITIVE,
  IGNORED,
  matchDetections,
  requireSameIndex,
  THRESHOLD,
  TRUE_POSITIVE,
} from './matchDetections';
import type { DetectionTable } from './table/detectionTable';
import type { GroundTruthTable } from './table/groundTruthTable';

/** Options of {@link confidenceHistogram}. */
export interface ConfidenceOptions {
  /** IoU from which an object counts as found, above 0, up to 1. Default: 0.5. */
  iouThreshold?: number;
  /** Bins of equal width from 0 to 1. Default: 20. */
  bins?: number;
}

/**
 * Confidences of a detector where it is right and where it is wrong. Bin b holds scores from b/bins to below (b +
 * 1)/bins; scores beyond 0..1, which linear outputs give, are in the first and the last bin.
 */
export interface ConfidenceHistogram {
  /** Edges of the bins, from 0 to 1; shape [bins + 1]. */
  readonly edges: Float64Array;
  /** Detections that find an object; shape [bins]. */
  readonly truePositives: Int32Array;
  /** Detections that find none, or one that is found already; shape [bins]. */
  readonly falsePositives: Int32Array;
  /** Detections of difficult objects; shape [bins]. */
  readonly ignored: Int32Array;
}

const OPTIONS = allOptional({ iouThreshold: THRESHOLD, bins: COUNT });

/**
 * Counts detections of all classes by confidence and by outcome under the VOC rules ({@link matchDetections}).
 *
 * @param detections - Made with `groundTruth.index`.
 * @param groundTruth - Every picture that was looked at, those without objects too.
 * @param options - Threshold and bins.
 * @throws UserError for tables of different evaluation indexes, a threshold out of range, bins that are no whole number
 * from 1.
 */
export function confidenceHistogram(
  detections: DetectionTable,
  groundTruth: GroundTruthTable,
  options: ConfidenceOptions = {},
): ConfidenceHistogram {
  requireSameIndex(detections, groundTruth);
  checkArguments('confidenceHistogram', { options }, { options: OPTIONS });
  const { iouThreshold = 0.5, bins = 20 } = options;
  const counts = [new Int32Array(bins), new Int32Array(bins), new Int32Array(bins)];
  groundTruth.index.classes.forEach((_, classIndex) => {
    const { rows, outcome } = matchDetections(detections, groundTruth, classIndex, iouThreshold);
    for (let place = 0; place < rows.length; place++) {
      const score = detections.score[rows[place]];
      const bin = Math.max(0, Math.min(bins - 1, Math.floor(score * bins)));
      counts[outcome[place]][bin]++;
    }
  });
  return {
    edges: Float64Array.from({ length: bins + 1 }, (_, edge) => edge / bins),
    truePositives: counts[TRUE_POSITIVE],
    falsePositives: counts[FALSE_POSITIVE],
    ignored: counts[IGNORED],
  };
}

/**
 * False positives a picture, all classes together, if only detections with at least a certain score are shown.
 *
 * @param detections - Made with `groundTruth.index`.
 * @param groundTruth - Every picture that was looked at, those without objects too.
 * @param scoreThresholds - The least scores, in any order.
 * @param iouThreshold - IoU from which an object counts as found, above 0, up to 1. Default: 0.5.
 * @returns One number per threshold; NaN if there is no picture.
 * @throws UserError for tables of different evaluation indexes or an IoU threshold out of range.
 */
export function falsePositivesPerPicture(
  detections: DetectionTable,
  groundTruth: GroundTruthTable,
  scoreThresholds: readonly number[],
  iouThreshold = 0.5,
): number[] {
  requireSameIndex(detections, groundTruth);
  checkArguments(
    'falsePositivesPerPicture',
    { scoreThresholds, iouThreshold },
    { scoreThresholds: NUMBERS, iouThreshold: THRESHOLD },
  );
  const counts = scoreThresholds.map(() => 0);
  groundTruth.index.classes.forEach((_, classIndex) => {
    const { rows, outcome } = matchDetections(detections, groundTruth, classIndex, iouThreshold);
    for (let place = 0; place < rows.length; place++) {
      if (outcome[place] !== FALSE_POSITIVE) continue;
      const score = detections.score[rows[place]];
      scoreThresholds.forEach((least, index) => {
        if (score >= least) counts[index]++;
      });
    }
  });
  return counts.map((count) => count / groundTruth.index.keys.length);
}
