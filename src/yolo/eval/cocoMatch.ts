import { iouAt } from '../box/iou';
import { AREA_RANGES, DETECTION_LIMITS, IOU_THRESHOLDS } from './cocoRules';
import type { DetectionTable } from './detectionTable';
import type { GroundTruthTable } from './groundTruthTable';
import { rank } from './ranking';

const RANGES = AREA_RANGES.length;
const THRESHOLDS = IOU_THRESHOLDS.length;
const MOST_DETECTIONS = DETECTION_LIMITS[DETECTION_LIMITS.length - 1];

/** What the detections of one class found, for each range of sizes and each IoU threshold. */
export interface CocoClassCounts {
  /** Objects that count, by range: neither ignored nor of another size. */
  readonly objects: Int32Array;
  /** Objects found, `found[range][limit][threshold]`, by the surest 1, 10 and 100 detections of each picture. */
  readonly found: readonly (readonly Int32Array[])[];
  /** `precision[range][threshold][k]`: precision after the (k + 1)th object was found. */
  readonly precision: readonly (readonly Float64Array[])[];
}

/**
 * Matches the detections of one class by COCO's rules.
 *
 * By descending score, each detection takes, among the objects of its class and picture that no surer one took and that
 * overlap it enough, the one with the largest IoU, objects that count before ignored ones. Detections that take an
 * ignored object, and those that take none and are of another size, are left out.
 *
 * Whether a detection takes an object doesn't depend on less sure ones, nor on other pictures: one pass in order of
 * score serves all pictures, thresholds and ranges, with each IoU computed once.
 */
export function countCocoClass(
  detections: DetectionTable,
  groundTruth: GroundTruthTable,
  classIndex: number,
): CocoClassCounts {
  const { rows, starts } = rank(detections);
  const { offsets, boxes } = groundTruth;
  const pictures = groundTruth.catalogue.keys.length;
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
    const end = offsets[firstCell + picture + 1];
    if (end - first > ious.length) ious = new Float64Array(2 * (end - first));
    let largest = 0;
    for (let object = first; object < end; object++) {
      const overlap = iouAt(detections.boxes, row, boxes, object);
      ious[object - first] = overlap;
      if (overlap > largest) largest = overlap;
    }
    const area = areaAt(detections.boxes, row);
    for (let range = 0; range < RANGES; range++) {
      const inRange = area >= AREA_RANGES[range][0] && area <= AREA_RANGES[range][1];
      if (largest < IOU_THRESHOLDS[0]) {
        if (inRange) alwaysFalse[range]++;
        continue;
      }
      for (let threshold = 0; threshold < THRESHOLDS; threshold++) {
        const cell = range * THRESHOLDS + threshold;
        const object = bestFree(cell * stride, range * stride, first - firstObject, end - first, threshold);
        if (object < 0) {
          if (inRange) sometimesFalse[cell]++;
          continue;
        }
        taken[cell * stride + object] = 1;
        if (ignored[range * stride + object] !== 0) continue;
        DETECTION_LIMITS.forEach((limit, index) => {
          if (rankInPicture < limit) found[range][index][threshold]++;
        });
        const hits = found[range][DETECTION_LIMITS.length - 1][threshold];
        precision[range][threshold][hits - 1] = hits / (hits + alwaysFalse[range] + sometimesFalse[cell]);
      }
    }
  }
  return { objects, found, precision };

  /** The object to take, counted within the class, or -1. Of equal overlaps the last one wins, as in pycocotools. */
  function bestFree(
    takenBase: number,
    ignoredBase: number,
    firstInClass: number,
    count: number,
    threshold: number,
  ): number {
    let best = -1;
    let bestIgnored = 1;
    let least = IOU_THRESHOLDS[threshold];
    for (let index = 0; index < count; index++) {
      const object = firstInClass + index;
      if (taken[takenBase + object] !== 0) continue;
      const isIgnored = ignored[ignoredBase + object];
      if (isIgnored > bestIgnored) continue;
      if (isIgnored < bestIgnored) {
        // The first one that counts: what ignored ones reached doesn't bind it.
        if (ious[index] < IOU_THRESHOLDS[threshold]) continue;
        bestIgnored = isIgnored;
      } else if (ious[index] < least) continue;
      least = ious[index];
      best = object;
    }
    return best;
  }
}

/** Which objects of a class are ignored in which range, `ignored[range * n + object]`, and how many are not. */
function objectsByRange(groundTruth: GroundTruthTable, first: number, end: number) {
  const ignored = new Uint8Array(RANGES * (end - first));
  const objects = new Int32Array(RANGES);
  for (let range = 0; range < RANGES; range++) {
    const [from, to] = AREA_RANGES[range];
    for (let object = first; object < end; object++) {
      const area = areaAt(groundTruth.boxes, object);
      const counts = groundTruth.difficult[object] === 0 && area >= from && area <= to;
      if (counts) objects[range]++;
      else ignored[range * (end - first) + object - first] = 1;
    }
  }
  return { ignored, objects };
}

function areaAt(boxes: Float64Array, index: number): number {
  const edge = 4 * index;
  return (boxes[edge + 2] - boxes[edge]) * (boxes[edge + 3] - boxes[edge + 1]);
}
