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
  return iouAt([a.left, a.top, a.right, a.bottom], 0, [b.left, b.top, b.right, b.bottom], 0);
}

/**
 * Intersection over union of box `i` of one flat array and box `j` of another.
 *
 * @param a - Shape [4n]: left, top, right, bottom of each box.
 * @param b - Shape [4m], the same form.
 */
export function iouAt(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number): number {
  const both = intersectionAt(a, i, b, j);
  return both === 0 ? 0 : both / (areaAt(a, i) + areaAt(b, j) - both);
}

/** Share of box `i` of one flat array that lies in box `j` of another, 0..1: how COCO overlaps with a crowd. */
export function shareAt(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number): number {
  const both = intersectionAt(a, i, b, j);
  return both === 0 ? 0 : both / areaAt(a, i);
}

/** Area of box `i` of a flat array. */
export function areaAt(boxes: ArrayLike<number>, i: number): number {
  return (boxes[4 * i + 2] - boxes[4 * i]) * (boxes[4 * i + 3] - boxes[4 * i + 1]);
}

function intersectionAt(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number): number {
  const width = overlapAlong(a[4 * i], a[4 * i + 2], b[4 * j], b[4 * j + 2]);
  return width > 0 ? width * overlapAlong(a[4 * i + 1], a[4 * i + 3], b[4 * j + 1], b[4 * j + 3]) : 0;
}

/** Length that two stretches of a line share, 0 for ones that do not meet. */
function overlapAlong(from: number, to: number, otherFrom: number, otherTo: number): number {
  const length = (to < otherTo ? to : otherTo) - (from > otherFrom ? from : otherFrom);
  return length > 0 ? length : 0;
}
