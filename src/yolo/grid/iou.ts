import { checkArguments } from '../core/arguments';
import { BOX, type Box } from './box';

/**
 * Intersection over union of two boxes, 0..1. Boxes that only touch, and pairs with an empty box, give 0.
 *
 * Edges are continuous, so VOC's "+1 pixel" is in them already (see {@link Box}).
 *
 * @param a - In any unit.
 * @param b - In the same unit.
 * @throws UserError for anything but boxes.
 */
export function boxIou(a: Box, b: Box): number {
  checkArguments('boxIou', { a, b }, { a: BOX, b: BOX });
  return iouOfEdges(a.left, a.top, a.right, a.bottom, b.left, b.top, b.right, b.bottom);
}

/**
 * Intersection over union of box `i` of one flat array and box `j` of another.
 *
 * @param a - Shape [4n]: left, top, right, bottom of each box.
 * @param b - Shape [4m], the same form.
 */
export function iouAt(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number): number {
  const p = 4 * i;
  const q = 4 * j;
  return iouOfEdges(a[p], a[p + 1], a[p + 2], a[p + 3], b[q], b[q + 1], b[q + 2], b[q + 3]);
}

/** Share of box `i` of one flat array that lies in box `j` of another, 0..1: how COCO overlaps with a crowd. */
export function shareAt(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number): number {
  const p = 4 * i;
  const q = 4 * j;
  const both = intersection(a[p], a[p + 1], a[p + 2], a[p + 3], b[q], b[q + 1], b[q + 2], b[q + 3]);
  return both === 0 ? 0 : both / ((a[p + 2] - a[p]) * (a[p + 3] - a[p + 1]));
}

function iouOfEdges(
  left: number,
  top: number,
  right: number,
  bottom: number,
  otherLeft: number,
  otherTop: number,
  otherRight: number,
  otherBottom: number,
): number {
  const both = intersection(left, top, right, bottom, otherLeft, otherTop, otherRight, otherBottom);
  if (both === 0) return 0;
  return (
    both / ((right - left) * (bottom - top) + (otherRight - otherLeft) * (otherBottom - otherTop) - both)
  );
}

function intersection(
  left: number,
  top: number,
  right: number,
  bottom: number,
  otherLeft: number,
  otherTop: number,
  otherRight: number,
  otherBottom: number,
): number {
  const width = (right < otherRight ? right : otherRight) - (left > otherLeft ? left : otherLeft);
  if (!(width > 0)) return 0;
  const height = (bottom < otherBottom ? bottom : otherBottom) - (top > otherTop ? top : otherTop);
  return height > 0 ? width * height : 0;
}
