import { cellPlaces, type DistanceLayout } from '../grid/distanceLayout';
import { decodeDistances } from '../grid/distances';
import type { GridObject } from '../grid/gridTarget';
import { iouAt } from '../grid/iou';

/** Which cells answer for which objects, in plain arrays over the N * P cells of a batch. */
export interface AlignedCells {
  /** Class of the cell's object, -1 for none. Shape [N * P]. */
  readonly classIndex: Int32Array;
  /** Left, top, right, bottom of the cell's object, normalised; the whole picture where there is none. Shape [4 N P]. */
  readonly boxes: Float32Array;
  /** What the class's probability should be, 0 to 1; 0 where there is no object. Shape [N * P]. */
  readonly quality: Float32Array;
}

/** Cells that answer for an object, at most. */
const MOST_CELLS = 10;

/** A cell that could answer for an object. */
interface Candidate {
  cell: number;
  alignment: number;
  iou: number;
  /** From the cell's centre to the object's, squared. */
  distance: number;
}

/**
 * Task-aligned assignment (TOOD, arXiv 2108.07755): cells that find an object well already, by class and by box, are
 * those to answer for it.
 *
 * The candidates of an object are the cells whose centre lies inside its box, or the nearest cell (by the larger of the
 * two coordinate differences) where none does. Of these, the ten with the highest alignment `score^.5 IoU^6` answer for
 * it; among equals the nearest to its centre first. A cell chosen by several objects answers for the one that its box
 * overlaps most. Its quality is its alignment divided by the object's highest, times the highest IoU of the cells that
 * the object chose.
 *
 * @param values - Predictions, N * P * (4 + C) numbers.
 * @param objects - Of each picture.
 */
export function assignTaskAligned(
  values: Float32Array,
  layout: DistanceLayout,
  objects: readonly (readonly GridObject[])[],
): AlignedCells {
  const { pictures, cells, depth } = layout;
  const places = cellPlaces(layout.sides);
  const classIndex = new Int32Array(pictures * cells).fill(-1);
  const quality = new Float32Array(pictures * cells);
  const boxes = new Float32Array(4 * pictures * cells);
  for (let cell = 0; cell < pictures * cells; cell++) boxes[4 * cell + 2] = boxes[4 * cell + 3] = 1;
  const highest = new Float64Array(cells);
  const edges = new Float64Array(4);

  const candidatesOf = ({ box, classIndex: wanted }: GridObject, own: Float32Array): Candidate[] => {
    const truth = [box.left, box.top, box.right, box.bottom];
    const x = (box.left + box.right) / 2;
    const y = (box.top + box.bottom) / 2;
    const inside: number[] = [];
    let nearest = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let cell = 0; cell < cells; cell++) {
      const [cx, cy] = [places.x[cell], places.y[cell]];
      if (cx > box.left && cx < box.right && cy > box.top && cy < box.bottom) inside.push(cell);
      const difference = Math.max(Math.abs(cx - x), Math.abs(cy - y));
      if (difference < least) [least, nearest] = [difference, cell];
    }
    return (inside.length > 0 ? inside : [nearest]).map((cell) => {
      decodeDistances(own, depth, places, cell, edges);
      const iou = iouAt(edges, 0, truth, 0);
      const score = 1 / (1 + Math.exp(-own[cell * depth + 4 + wanted]));
      const distance = (places.x[cell] - x) ** 2 + (places.y[cell] - y) ** 2;
      return { cell, alignment: Math.sqrt(score) * iou ** 6, iou, distance };
    });
  };

  objects.forEach((list, picture) => {
    const own = values.subarray(picture * cells * depth, (picture + 1) * cells * depth);
    highest.fill(-1);
    for (const object of list) {
      const chosen = candidatesOf(object, own)
        .sort((a, b) => b.alignment - a.alignment || a.distance - b.distance)
        .slice(0, MOST_CELLS);
      const best = chosen[0].alignment;
      const overlap = Math.max(...chosen.map(({ iou }) => iou));
      for (const { cell, alignment, iou } of chosen) {
        if (iou <= highest[cell]) continue;
        highest[cell] = iou;
        const at = picture * cells + cell;
        classIndex[at] = object.classIndex;
        quality[at] = best > 0 ? (alignment / best) * overlap : 0;
        boxes.set([object.box.left, object.box.top, object.box.right, object.box.bottom], 4 * at);
      }
    }
  });
  return { classIndex, boxes, quality };
}
