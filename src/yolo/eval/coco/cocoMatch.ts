import { areaAt, iouAt, shareAt } from '../../grid/iou';
import type { DetectionTable } from '../table/detectionTable';
import type { GroundTruthTable } from '../table/groundTruthTable';
import { rank } from '../table/ranking';
import { AREA_RANGES, DETECTION_LIMITS, IOU_THRESHOLDS } from './cocoRules';

const RANGES = AREA_RANGES.length;
const THRESHOLDS = IOU_THRESHOLDS.length;
const LIMITS = DETECTION_LIMITS.length;
// Columns of the rules, for the inner loop.
const thresholds = Float64Array.from(IOU_THRESHOLDS);
const smallest = Float64Array.from(AREA_RANGES, ([from]) => from);
const greatest = Float64Array.from(AREA_RANGES, ([, to]) => to);
const MOST_DETECTIONS = DETECTION_LIMITS[LIMITS - 1];

/** What the detections of one class found, for each range of sizes and each IoU threshold. */
export interface CocoClassCounts {
  /** Objects that count, by range: neither ignored nor of another size. */
  readonly objects: Int32Array;
  /** Objects found, `found[range][limit][threshold]`, by the most confident 1, 10 and 100 detections of each picture. */
  readonly found: readonly (readonly Int32Array[])[];
  /** `precision[range][threshold][k]`: precision after the (k + 1)th object was found. */
  readonly precision: readonly (readonly Float64Array[])[];
}

/**
 * Matches the detections of one class by COCO's rules.
 *
 * By descending score, each detection takes, among the objects of its class and picture that no more confident one took and that
 * overlap it enough, the one with the largest IoU, objects that count before ignored ones. Detections that take an
 * ignored object, and those that take none and are of another size, are left out. A crowd is never used up, and overlaps
 * by the share of the detection that lies in it.
 *
 * A detection takes its object regardless of less confident ones and of other pictures: one pass in order of
 * score serves all pictures, thresholds and ranges, with each IoU computed once.
 */
export function countCocoClass(
  detections: DetectionTable,
  groundTruth: GroundTruthTable,
  classIndex: number,
): CocoClassCounts {
  const { rows, starts } = rank(detections, 'picture');
  const { offsets, boxes, crowd } = groundTruth;
  const pictures = groundTruth.index.keys.length;
  const firstCell = classIndex * pictures;
  const firstObject = offsets[firstCell];
  const { objects, ignored } = objectsByRange(groundTruth, firstObject, offsets[firstCell + pictures]);
  const stride = offsets[firstCell + pictures] - firstObject;
  const taken = new Uint8Array(RANGES * THRESHOLDS * stride);
  const seen = new Int32Array(pictures);
  const found = AREA_RANGES.map(() => DETECTION_LIMITS.map(() => new Int32Array(THRESHOLDS)));
  const precision = AREA_RANGES.map((_, range) => IOU_THRESHOLDS.map(() => new Float64Array(objects[range])));
  // False positives by range at every threshold, and those at some thresholds only.
  const alwaysFalse = new Int32Array(RANGES);
  const sometimesFalse = new Int32Array(RANGES * THRESHOLDS);
  let ious = new Float64Array(16);

  for (let place = starts[classIndex]; place < starts[classIndex + 1]; place++) {
    const row = rows[place];
    const picture = detections.picture[row];
    const rankInPicture = seen[picture]++;
    if (rankInPicture >= MOST_DETECTIONS) continue;
    const first = offsets[firstCell + picture];
    const count = offsets[firstCell + picture + 1] - first;
    if (count > ious.length) ious = new Float64Array(2 * count);
    let largest = 0;
    for (let index = 0; index < count; index++) {
      const overlap = crowd[first + index] === 0 ? iouAt : shareAt;
      ious[index] = overlap(detections.boxes, row, boxes, first + index);
      if (ious[index] > largest) largest = ious[index];
    }
    const area = areaAt(detections.boxes, row);
    for (let range = 0; range < RANGES; range++) {
      const inRange = area >= smallest[range] && area <= greatest[range];
      if (largest < thresholds[0]) {
        if (inRange) alwaysFalse[range]++;
        continue;
      }
      const ignoredHere = range * stride + first - firstObject;
      for (let threshold = 0; threshold < THRESHOLDS; threshold++) {
        const cell = range * THRESHOLDS + threshold;
        const takenHere = cell * stride + first - firstObject;
        const index = bestFree(ious, count, thresholds[threshold], taken, takenHere, ignored, ignoredHere);
        if (index < 0) {
          if (inRange) sometimesFalse[cell]++;
          continue;
        }
        taken[takenHere + index] = 1 - crowd[first + index];
        if (ignored[ignoredHere + index] !== 0) continue;
        for (let limit = 0; limit < LIMITS; limit++) {
          if (rankInPicture < DETECTION_LIMITS[limit]) found[range][limit][threshold]++;
        }
        const hits = found[range][LIMITS - 1][threshold];
        precision[range][threshold][hits - 1] = hits / (hits + alwaysFalse[range] + sometimesFalse[cell]);
      }
    }
  }
  return { objects, found, precision };
}

/** Which of a picture's objects to take, or -1. Of equal overlaps the last one wins, as in pycocotools. */
function bestFree(
  ious: Float64Array,
  count: number,
  iouThreshold: number,
  taken: Uint8Array,
  firstTaken: number,
  ignored: Uint8Array,
  firstIgnored: number,
): number {
  let best = -1;
  let bestIgnored = 1;
  let least = iouThreshold;
  for (let index = 0; index < count; index++) {
    if (taken[firstTaken + index] !== 0) continue;
    const isIgnored = ignored[firstIgnored + index];
    if (isIgnored > bestIgnored) continue;
    // What an ignored object reached doesn't bind the first one that counts.
    if (ious[index] < (isIgnored < bestIgnored ? iouThreshold : least)) continue;
    bestIgnored = isIgnored;
    least = ious[index];
    best = index;
  }
  return best;
}

/** Which objects of a class are ignored in which range, `ignored[range * n + object]`, and how many are not. */
function objectsByRange(groundTruth: GroundTruthTable, first: number, end: number) {
  const ignored = new Uint8Array(RANGES * (end - first));
  const objects = new Int32Array(RANGES);
  for (let range = 0; range < RANGES; range++) {
    const [from, to] = AREA_RANGES[range];
    for (let object = first; object < end; object++) {
      const area = groundTruth.area[object];
      const counts = groundTruth.difficult[object] === 0 && area >= from && area <= to;
      if (counts) objects[range]++;
      else ignored[range * (end - first) + object - first] = 1;
    }
  }
  return { ignored, objects };
}
