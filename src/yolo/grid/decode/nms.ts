import * as v from 'valibot';
import { checkArguments, NUMBERS, record } from '../../core/arguments';
import { UserError } from '../../core/errors';
import { iouAt } from '../iou';
import { descendingOrder } from './descendingOrder';

/** Options of {@link nms}. */
export interface NmsOptions {
  /** A box is dropped if its IoU with a kept one of the same class is larger than this; 0..1. */
  iouThreshold: number;
  /**
   * Class index of each box, whole numbers from 0; boxes of different classes don't touch each other. Default:
   * class-agnostic.
   */
  classes?: ArrayLike<number>;
  /** Most boxes to keep, over all classes. Default: all that survive. */
  limit?: number;
}

// Cells of the grid along one side.
const MOST_CELLS = 32;

// Scratch space that grows and stays: decoding calls this once a picture.
let order = new Int32Array(0);
let orderOfClass = new Int32Array(0);
let isKept = new Uint8Array(0);
let keptBox = new Int32Array(0);
// Centre, and the nearness times width and height, of each kept box.
let nearby = new Float64Array(0);
let nextInCell = new Int32Array(0);
const firstInCell = new Int32Array(MOST_CELLS * MOST_CELLS);

const FLOATS = v.custom(
  (value) => value instanceof Float32Array || value instanceof Float64Array,
  'a Float32Array or Float64Array',
);
const ARGUMENTS = {
  boxes: FLOATS,
  scores: FLOATS,
  options: record('an object with the iouThreshold', { classes: v.optional(NUMBERS) }),
};

/**
 * Greedy non-maximum suppression: from the highest score down, each box is kept unless it overlaps a kept one too much.
 *
 * @param boxes - Shape [4n]: left, top, right, bottom of each box, in any one unit.
 * @param scores - Shape [n], any finite numbers.
 * @param options - Threshold, classes and limit.
 * @returns Indices of the kept boxes by descending score, equal scores by index.
 * @throws UserError for lengths that don't fit, numbers that are not finite, boxes without area, classes that are no
 * whole numbers from 0, a threshold outside 0..1 or a negative limit.
 */
export function nms(
  boxes: Float32Array | Float64Array,
  scores: Float32Array | Float64Array,
  options: NmsOptions,
): Int32Array {
  checkArguments('nms', { boxes, scores, options }, ARGUMENTS);
  const { iouThreshold, classes, limit = Infinity } = options;
  const n = scores.length;
  checkOptions(boxes.length, n, iouThreshold, classes, limit);
  for (let i = 0; i < n; i++) checkBox(boxes, scores, i);
  reserve(n);
  descendingOrder(scores, order);
  if (classes === undefined) suppress(boxes, order, 0, n, iouThreshold);
  else {
    const starts = groupByClass(classes, n);
    for (let c = 0; c + 1 < starts.length; c++) {
      suppress(boxes, orderOfClass, starts[c], starts[c + 1], iouThreshold);
    }
  }
  let count = 0;
  for (let rank = 0; rank < n && count < limit; rank++) {
    const box = order[rank];
    // What was looked at is behind us: the kept ones can be gathered in place.
    if (isKept[box] !== 0) order[count++] = box;
  }
  return order.slice(0, count);
}

/**
 * Marks which of the boxes `ranked[from]` up to `ranked[to - 1]` are kept.
 *
 * The IoU of two boxes is at most that of their x ranges, and that of their y ranges. Ranges of lengths v and w whose
 * centres are d apart overlap by at most (v + w)/2 - d, so that an IoU above t needs d < (v + w) k with k = (1 - t) /
 * (2 (1 + t)), and for w it needs v < w/t. Two consequences: kept boxes lie in a grid by their centres, of which only
 * the cells within w (1 - t)/(2t) are searched, and there two comparisons rule out nearly all.
 */
function suppress(
  boxes: Float32Array | Float64Array,
  ranked: Int32Array,
  from: number,
  to: number,
  iouThreshold: number,
): void {
  let minX = Infinity;
  let minY = Infinity;
  let maxX = -Infinity;
  let maxY = -Infinity;
  for (let rank = from; rank < to; rank++) {
    const edge = 4 * ranked[rank];
    const x = (boxes[edge] + boxes[edge + 2]) / 2;
    const y = (boxes[edge + 1] + boxes[edge + 3]) / 2;
    if (x < minX) minX = x;
    if (x > maxX) maxX = x;
    if (y < minY) minY = y;
    if (y > maxY) maxY = y;
  }
  // About 16 boxes a cell: fewer would cost more in empty cells than they save in boxes.
  const side = Math.max(1, Math.min(MOST_CELLS, Math.sqrt(to - from) / 4)) | 0;
  firstInCell.fill(-1, 0, side * side);
  const cellsPerX = maxX > minX ? (side - 1) / (maxX - minX) : 0;
  const cellsPerY = maxY > minY ? (side - 1) / (maxY - minY) : 0;
  // A hair more than the bounds, so that rounding loses no box.
  const nearness = ((1 - iouThreshold) / (2 * (1 + iouThreshold))) * (1 + 1e-9);
  const reach = (1 - iouThreshold) / (2 * iouThreshold) + 1e-9;

  let kept = 0;
  for (let rank = from; rank < to; rank++) {
    const box = ranked[rank];
    const edge = 4 * box;
    const width = boxes[edge + 2] - boxes[edge];
    const height = boxes[edge + 3] - boxes[edge + 1];
    const x = (boxes[edge] + boxes[edge + 2]) / 2;
    const y = (boxes[edge + 1] + boxes[edge + 3]) / 2;
    const firstX = Math.max(0, (x - width * reach - minX) * cellsPerX) | 0;
    const firstY = Math.max(0, (y - height * reach - minY) * cellsPerY) | 0;
    const lastX = Math.min(side - 1, (x + width * reach - minX) * cellsPerX) | 0;
    const lastY = Math.min(side - 1, (y + height * reach - minY) * cellsPerY) | 0;
    let suppressed = false;
    for (let row = firstY; row <= lastY && !suppressed; row++) {
      for (let cell = row * side + firstX; cell <= row * side + lastX && !suppressed; cell++) {
        for (let other = firstInCell[cell]; other >= 0; other = nextInCell[other]) {
          const near = 4 * other;
          if (Math.abs(nearby[near] - x) > nearby[near + 2] + nearness * width) continue;
          if (Math.abs(nearby[near + 1] - y) > nearby[near + 3] + nearness * height) continue;
          if (iouAt(boxes, box, boxes, keptBox[other]) <= iouThreshold) continue;
          suppressed = true;
          break;
        }
      }
    }
    isKept[box] = suppressed ? 0 : 1;
    if (suppressed) continue;
    const cell = (((y - minY) * cellsPerY) | 0) * side + (((x - minX) * cellsPerX) | 0);
    nextInCell[kept] = firstInCell[cell];
    firstInCell[cell] = kept;
    nearby[4 * kept] = x;
    nearby[4 * kept + 1] = y;
    nearby[4 * kept + 2] = nearness * width;
    nearby[4 * kept + 3] = nearness * height;
    keptBox[kept++] = box;
  }
}

/** Sorts the order by class, stably; class c has the ranks from entry c up to entry c + 1 of the result. */
function groupByClass(classes: ArrayLike<number>, n: number): Int32Array {
  let classCount = 0;
  for (let i = 0; i < n; i++) if (classes[i] >= classCount) classCount = classes[i] + 1;
  const starts = new Int32Array(classCount + 1);
  for (let i = 0; i < n; i++) starts[classes[i] + 1]++;
  for (let c = 0; c < classCount; c++) starts[c + 1] += starts[c];
  const next = starts.slice();
  for (let rank = 0; rank < n; rank++) orderOfClass[next[classes[order[rank]]]++] = order[rank];
  return starts;
}

function reserve(n: number): void {
  if (order.length >= n) return;
  order = new Int32Array(2 * n);
  orderOfClass = new Int32Array(2 * n);
  isKept = new Uint8Array(2 * n);
  keptBox = new Int32Array(2 * n);
  nearby = new Float64Array(8 * n);
  nextInCell = new Int32Array(2 * n);
}

function checkOptions(
  edges: number,
  n: number,
  iouThreshold: number,
  classes: ArrayLike<number> | undefined,
  limit: number,
): void {
  if (edges !== 4 * n) {
    throw new UserError(`nms: boxes has ${edges} numbers, expected 4 for each of the ${n} scores`);
  }
  if (!(iouThreshold >= 0 && iouThreshold <= 1)) {
    throw new UserError(`nms: iouThreshold is ${iouThreshold}, expected a number from 0 to 1`);
  }
  if (!(limit >= 0)) throw new UserError(`nms: limit is ${limit}, expected 0 or more`);
  if (classes === undefined) return;
  if (classes.length !== n) {
    throw new UserError(
      `nms: classes has ${classes.length} entries, expected one for each of the ${n} scores`,
    );
  }
  for (let i = 0; i < n; i++) {
    if (Number.isInteger(classes[i]) && classes[i] >= 0) continue;
    throw new UserError(`nms: classes[${i}] is ${classes[i]}, expected a whole number from 0`);
  }
}

function checkBox(boxes: Float32Array | Float64Array, scores: Float32Array | Float64Array, i: number): void {
  const width = boxes[4 * i + 2] - boxes[4 * i];
  const height = boxes[4 * i + 3] - boxes[4 * i + 1];
  // An edge that is not finite makes its side infinite or NaN.
  if (!(width > 0 && height > 0 && width < Infinity && height < Infinity)) {
    throw new UserError(
      `nms: box ${i} is [${boxes.subarray(4 * i, 4 * i + 4).join(', ')}], expected finite left < right and top < bottom`,
    );
  }
  if (!Number.isFinite(scores[i])) {
    throw new UserError(`nms: scores[${i}] is ${scores[i]}, expected a finite number`);
  }
}
