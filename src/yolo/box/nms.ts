import { descendingOrder } from './descendingOrder';
import { iouAt } from './iou';

/** Options of {@link nms}. */
export interface NmsOptions {
  /** A box is dropped if its IoU with a kept one of the same class is larger than this; 0..1. */
  iouThreshold: number;
  /** Class index of each box, whole numbers from 0; boxes of different classes don't touch each other. Default: class-agnostic. */
  classes?: ArrayLike<number>;
  /** Most boxes to keep, over all classes. Default: all that survive. */
  limit?: number;
}

// Scratch space that grows and stays: decoding calls this once a picture.
let order = new Int32Array(0);
let nextKept = new Int32Array(0);
let firstKept = new Int32Array(0);

/**
 * Greedy non-maximum suppression: from the highest score down, each box is kept unless it overlaps a kept one too much.
 *
 * Kept boxes of a class lie in bins by their left edge. Since the IoU of two boxes is at most that of their x ranges, a
 * box [l, l + w] can only be suppressed by one whose left edge is in (l - w(1 - t)/t, l + w(1 - t)): only those bins are
 * searched.
 *
 * @param boxes - Shape [4n]: left, top, right, bottom of each box, in any one unit.
 * @param scores - Shape [n].
 * @returns Indices of the kept boxes by descending score, equal scores by index.
 * @throws RangeError for lengths that don't fit, numbers that are not finite, boxes without area, classes that are no
 * whole numbers from 0, a threshold outside 0..1 or a negative limit.
 */
export function nms(
  boxes: Float32Array | Float64Array,
  scores: Float32Array | Float64Array,
  { iouThreshold, classes, limit = Infinity }: NmsOptions,
): Int32Array {
  const n = scores.length;
  checkOptions(boxes.length, n, iouThreshold, classes, limit);
  let minLeft = Infinity;
  let maxLeft = -Infinity;
  let classCount = 1;
  for (let i = 0; i < n; i++) {
    const left = boxes[4 * i];
    checkBox(boxes, scores, i);
    if (left < minLeft) minLeft = left;
    if (left > maxLeft) maxLeft = left;
    if (classes !== undefined && classes[i] >= classCount) classCount = classes[i] + 1;
  }

  if (order.length < n) {
    order = new Int32Array(2 * n);
    nextKept = new Int32Array(2 * n);
  }
  descendingOrder(scores, order);
  const bins = Math.max(1, Math.min(64, n / classCount / 4)) | 0;
  const scale = maxLeft > minLeft ? (bins - 1) / (maxLeft - minLeft) : 0;
  if (firstKept.length < bins * classCount) firstKept = new Int32Array(2 * bins * classCount);
  firstKept.fill(-1, 0, bins * classCount);
  // A hair more than the bound, so that rounding loses no bin.
  const reachLeft = (1 - iouThreshold) / iouThreshold + 1e-9;
  const reachRight = 1 - iouThreshold + 1e-9;

  const kept: number[] = [];
  for (let rank = 0; rank < n && kept.length < limit; rank++) {
    const box = order[rank];
    const base = classes === undefined ? 0 : classes[box] * bins;
    const left = boxes[4 * box];
    const width = boxes[4 * box + 2] - left;
    const firstBin = Math.max(0, (left - width * reachLeft - minLeft) * scale) | 0;
    const lastBin = Math.min(bins - 1, (left + width * reachRight - minLeft) * scale) | 0;
    if (isSuppressed(boxes, box, base + firstBin, base + lastBin, iouThreshold)) continue;
    kept.push(box);
    const bin = base + (((left - minLeft) * scale) | 0);
    nextKept[box] = firstKept[bin];
    firstKept[bin] = box;
  }
  return Int32Array.from(kept);
}

function isSuppressed(
  boxes: Float32Array | Float64Array,
  box: number,
  firstBin: number,
  lastBin: number,
  iouThreshold: number,
): boolean {
  for (let bin = firstBin; bin <= lastBin; bin++) {
    for (let other = firstKept[bin]; other >= 0; other = nextKept[other]) {
      if (iouAt(boxes, box, boxes, other) > iouThreshold) return true;
    }
  }
  return false;
}

function checkOptions(
  edges: number,
  n: number,
  iouThreshold: number,
  classes: ArrayLike<number> | undefined,
  limit: number,
): void {
  if (edges !== 4 * n) {
    throw new RangeError(`nms: boxes has ${edges} numbers, expected 4 for each of the ${n} scores`);
  }
  if (!(iouThreshold >= 0 && iouThreshold <= 1)) {
    throw new RangeError(`nms: iouThreshold is ${iouThreshold}, expected a number from 0 to 1`);
  }
  if (!(limit >= 0)) throw new RangeError(`nms: limit is ${limit}, expected 0 or more`);
  if (classes === undefined) return;
  if (classes.length !== n) {
    throw new RangeError(
      `nms: classes has ${classes.length} entries, expected one for each of the ${n} scores`,
    );
  }
  for (let i = 0; i < n; i++) {
    if (Number.isInteger(classes[i]) && classes[i] >= 0) continue;
    throw new RangeError(`nms: classes[${i}] is ${classes[i]}, expected a whole number from 0`);
  }
}

function checkBox(boxes: Float32Array | Float64Array, scores: Float32Array | Float64Array, i: number): void {
  const width = boxes[4 * i + 2] - boxes[4 * i];
  const height = boxes[4 * i + 3] - boxes[4 * i + 1];
  // An edge that is not finite makes its side infinite or NaN.
  if (!(width > 0 && height > 0 && width < Infinity && height < Infinity)) {
    throw new RangeError(
      `nms: box ${i} is [${boxes.subarray(4 * i, 4 * i + 4).join(', ')}], expected finite left < right and top < bottom`,
    );
  }
  if (!Number.isFinite(scores[i])) {
    throw new RangeError(`nms: scores[${i}] is ${scores[i]}, expected a finite number`);
  }
}
