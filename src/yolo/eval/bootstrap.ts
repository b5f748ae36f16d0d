import { Random } from '../core/random';
import { IGNORED, matchDetections, requireSameIndex, TRUE_POSITIVE } from './matchDetections';
import { meanOfNumbers } from './meanOfNumbers';
import type { DetectionTable } from './table/detectionTable';
import type { GroundTruthTable } from './table/groundTruthTable';

/** How far an mAP could lie from the one that was measured, had other pictures of the same kind been evaluated. */
export interface MapInterval {
  /** The 2.5th percentile of the resampled mAPs. */
  readonly low: number;
  /** The 97.5th percentile. */
  readonly high: number;
  /** How many sets of pictures were drawn. */
  readonly resamples: number;
}

const RESAMPLES = 1000;
const TAIL = 0.025;

/**
 * 95 % interval of the mAP by the VOC rules at IoU .5: percentiles over 1,000 sets of as many pictures, drawn with
 * replacement (the bootstrap of Efron, Annals of Statistics 7, 1979).
 *
 * Detections are matched within their picture, so a picture that is drawn k times counts each of its detections and
 * objects k times. The same number of pictures has the same sets. The interval tells the chance in the choice of
 * pictures; the chance in training shows in seeds.
 *
 * @param detections - Made with `groundTruth.index`.
 * @param groundTruth - Every picture that was looked at, those without objects too.
 * @throws UserError for tables of different evaluation indexes.
 */
export function bootstrapMap(detections: DetectionTable, groundTruth: GroundTruthTable): MapInterval {
  requireSameIndex(detections, groundTruth);
  const { classes, keys } = groundTruth.index;
  const counted = classes.map((_, classIndex) => countedRows(detections, groundTruth, classIndex));
  const random = new Random(0).fork('bootstrap');
  const maps = Array.from({ length: RESAMPLES }, () => {
    const times = new Int32Array(keys.length);
    for (let draw = 0; draw < keys.length; draw++) times[random.integer(0, keys.length - 1)]++;
    return meanOfNumbers(counted.map((rows) => weightedPrecision(rows, times)));
  }).sort((a, b) => a - b);
  return { low: percentile(maps, TAIL), high: percentile(maps, 1 - TAIL), resamples: RESAMPLES };
}

/** What counts of one class: its detections from the most confident one down, and the pictures of its objects. */
interface CountedRows {
  readonly picture: Int32Array;
  readonly correct: Uint8Array;
  /** Picture of each object that counts. */
  readonly objects: Int32Array;
}

function countedRows(
  detections: DetectionTable,
  groundTruth: GroundTruthTable,
  classIndex: number,
): CountedRows {
  const { rows, outcome } = matchDetections(detections, groundTruth, classIndex, 0.5);
  // Behind the last true positive nothing adds to the area.
  const end = outcome.lastIndexOf(TRUE_POSITIVE) + 1;
  const kept = [...rows.keys()].filter((place) => place < end && outcome[place] !== IGNORED);
  const objects: number[] = [];
  for (let row = 0; row < groundTruth.length; row++) {
    if (groundTruth.classIndex[row] === classIndex && groundTruth.difficult[row] === 0) {
      objects.push(groundTruth.picture[row]);
    }
  }
  return {
    picture: Int32Array.from(kept, (place) => detections.picture[rows[place]]),
    correct: Uint8Array.from(kept, (place) => (outcome[place] === TRUE_POSITIVE ? 1 : 0)),
    objects: Int32Array.from(objects),
  };
}

/** Area under the envelope of precision over recall, with each picture taken so many times; NaN without objects. */
function weightedPrecision({ picture, correct, objects }: CountedRows, times: Int32Array): number {
  let all = 0;
  for (const place of objects) all += times[place];
  if (all === 0) return Number.NaN;
  const precisions: number[] = [];
  const gains: number[] = [];
  let found = 0;
  let shown = 0;
  for (let row = 0; row < picture.length; row++) {
    const weight = times[picture[row]];
    if (weight === 0) continue;
    shown += weight;
    if (correct[row] === 1) {
      found += weight;
      gains.push(weight);
      precisions.push(found / shown);
    }
  }
  let area = 0;
  let envelope = 0;
  for (let point = gains.length - 1; point >= 0; point--) {
    envelope = Math.max(envelope, precisions[point]);
    area += gains[point] * envelope;
  }
  return area / all;
}

/** Of ascending numbers, by linear interpolation between neighbours. */
function percentile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}
