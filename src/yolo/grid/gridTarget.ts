import * as v from 'valibot';
import { COUNT, checkArguments, FLOAT64S, INT32S, isObject, listOf, record } from '../core/arguments';
import { UserError } from '../core/errors';
import { oneOf, wholeFrom } from '../core/form';
import { area, type Box } from './box';

/** An object to be detected. */
export interface GridObject {
  /** Normalised edges, 0..1 (see {@link Box}). */
  box: Box;
  /** Index into the detector's class list. */
  classIndex: number;
}

/** Which object a cell keeps when several have their centre in it. `first` is the one that comes first in its list. */
export type Collision = 'smallest' | 'largest' | 'first';

/** Options of {@link encodeGrid}. */
export interface EncodeOptions {
  /** Cells per side, S. */
  gridSize: number;
  /** Number of classes, C. */
  classes: number;
  /** Which object has the cell of several. Default `smallest`. */
  collision?: Collision;
}

/** An object whose cell another object has. */
export interface LostObject {
  /** Picture, from 0. */
  picture: number;
  /** Its place in the picture's list. */
  object: number;
  /** Place of the object that has the cell. */
  keptObject: number;
  /** Row of the cell, from 0. */
  row: number;
  /** Column of the cell, from 0. */
  column: number;
}

/**
 * What a grid of cells should say of each picture of a batch: the object whose centre lies in each cell.
 *
 * Plain arrays, no tensors: nothing to dispose, and {@link sliceTarget} copies nothing. Cell (row, column) of picture n
 * is at `(n * S + row) * S + column`.
 */
export interface GridTarget {
  /** Number of pictures, N. */
  readonly pictures: number;
  /** Cells per side, S. */
  readonly gridSize: number;
  /** Number of classes, C. */
  readonly classes: number;
  /** Shape [N, S, S]: class index of the cell's object, -1 in an empty cell. */
  readonly classIndex: Int32Array;
  /** Shape [N, S, S, 4]: left, top, right, bottom, normalised; zeros in an empty cell. */
  readonly boxes: Float64Array;
  /** Number of cells that have an object. */
  readonly objectCount: number;
  /** All objects by picture, lost ones too, for an assignment that looks further than the cell of a centre. */
  readonly objects: readonly (readonly GridObject[])[];
  /** Objects that found their cell taken. */
  readonly lost: readonly LostObject[];
}

// Slack for boxes that were scaled and moved in floating point.
const ROUNDING = 1e-6;

const hasBox = (object: unknown) => isObject(Object(object).box);
const ENCODED = {
  objects: listOf(
    'a list of the objects of each picture, with their boxes',
    (list) => Array.isArray(list) && list.every(hasBox),
  ),
  options: record('an object with gridSize and classes', {
    ...{ gridSize: COUNT, classes: COUNT },
    collision: v.optional(oneOf(['smallest', 'largest', 'first'])),
  }),
};
/** What {@link encodeGrid} gives. */
export const TARGET = record('a target of a grid', {
  ...{ pictures: wholeFrom(0), gridSize: COUNT, classes: COUNT },
  ...{ classIndex: INT32S, boxes: FLOAT64S },
  ...{ objects: listOf('a list'), lost: listOf('a list') },
});

/**
 * Puts each object into the cell that holds its centre (YOLOv1, section 2). A centre on the line between two cells
 * belongs to the right or lower one, one on the picture's right or lower edge to the last cell.
 *
 * @param objects - For each picture its objects, boxes normalised.
 * @param options - Sizes of the grid, and what to do where objects share a cell.
 * @throws UserError naming the object, for edges that are not finite or not normalised, a box without area or a
 * class index out of range; for a grid size or class count that is no whole number above 0, or an unknown collision.
 */
export function encodeGrid(objects: readonly (readonly GridObject[])[], options: EncodeOptions): GridTarget {
  checkArguments('encodeGrid', { objects, options }, ENCODED);
  const { gridSize, classes, collision = 'smallest' } = options;
  const cells = objects.length * gridSize * gridSize;
  const classIndex = new Int32Array(cells).fill(-1);
  const boxes = new Float64Array(4 * cells);
  const owners = new Int32Array(cells).fill(-1);
  objects.forEach((list, picture) => {
    list.forEach((object, place) => {
      checkObject(object, classes, `objects[${picture}][${place}]`);
      const cell = cellOf(object.box, picture, gridSize);
      const owner = owners[cell];
      if (owner >= 0 && !takesOver(object, list[owner], collision)) return;
      owners[cell] = place;
      classIndex[cell] = object.classIndex;
      const { left, top, right, bottom } = object.box;
      boxes.set([left, top, right, bottom], 4 * cell);
    });
  });
  const lost: LostObject[] = [];
  objects.forEach((list, picture) => {
    list.forEach(({ box }, place) => {
      const cell = cellOf(box, picture, gridSize);
      if (owners[cell] === place) return;
      const inPicture = cell - picture * gridSize ** 2;
      const row = Math.floor(inPicture / gridSize);
      lost.push({ picture, object: place, keptObject: owners[cell], row, column: inPicture % gridSize });
    });
  });
  const objectCount = owners.reduce((count, owner) => (owner >= 0 ? count + 1 : count), 0);
  return { pictures: objects.length, gridSize, classes, classIndex, boxes, objectCount, objects, lost };
}

/**
 * Some of the pictures of a target, for a micro-batch. The arrays are views of the target's own.
 *
 * @param start - First picture, from 0.
 * @param end - The picture behind the last one.
 * @throws UserError if that is not a range of pictures of the target.
 */
export function sliceTarget(target: GridTarget, start: number, end: number): GridTarget {
  checkArguments('sliceTarget', { target }, { target: TARGET });
  if (
    !(Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start < end && end <= target.pictures)
  ) {
    throw new UserError(
      `sliceTarget: start and end are ${start} and ${end}, expected whole numbers 0 <= start < end <= ${target.pictures}`,
    );
  }
  const cells = target.gridSize ** 2;
  const classIndex = target.classIndex.subarray(start * cells, end * cells);
  return {
    ...target,
    pictures: end - start,
    classIndex,
    boxes: target.boxes.subarray(4 * start * cells, 4 * end * cells),
    objectCount: classIndex.reduce((count, index) => (index >= 0 ? count + 1 : count), 0),
    objects: target.objects.slice(start, end),
    lost: target.lost
      .filter(({ picture }) => picture >= start && picture < end)
      .map((object) => ({ ...object, picture: object.picture - start })),
  };
}

/**
 * The objects of each picture that a target holds, by row and column of their cells: {@link encodeGrid} undone.
 *
 * @throws UserError for anything but a target.
 */
export function objectsOf(target: GridTarget): GridObject[][] {
  checkArguments('objectsOf', { target }, { target: TARGET });
  const cells = target.gridSize ** 2;
  const { boxes } = target;
  return Array.from({ length: target.pictures }, (_, picture) => {
    const objects: GridObject[] = [];
    for (let cell = picture * cells; cell < (picture + 1) * cells; cell++) {
      const classIndex = target.classIndex[cell];
      if (classIndex < 0) continue;
      const [left, top, right, bottom] = boxes.subarray(4 * cell, 4 * cell + 4);
      objects.push({ box: { left, top, right, bottom }, classIndex });
    }
    return objects;
  });
}

function cellOf(box: Box, picture: number, gridSize: number): number {
  const line = (centre: number) => Math.min(gridSize - 1, Math.max(0, Math.floor(centre * gridSize)));
  const row = line((box.top + box.bottom) / 2);
  return (picture * gridSize + row) * gridSize + line((box.left + box.right) / 2);
}

function takesOver(object: GridObject, owner: GridObject, collision: Collision): boolean {
  if (collision === 'first') return false;
  const difference = area(object.box) - area(owner.box);
  return collision === 'smallest' ? difference < 0 : difference > 0;
}

function checkObject({ box, classIndex }: GridObject, classes: number, where: string): void {
  const edges = [box.left, box.top, box.right, box.bottom];
  const shown = `${where}.box is [${edges.join(', ')}]`;
  if (!edges.every((edge) => edge >= -ROUNDING && edge <= 1 + ROUNDING)) {
    throw new UserError(
      `${shown}, expected edges from 0 to 1: divide by the picture's width and height, and clip`,
    );
  }
  if (!(box.left < box.right && box.top < box.bottom)) {
    throw new UserError(`${shown}, expected left < right and top < bottom: leave out boxes without area`);
  }
  if (!(Number.isInteger(classIndex) && classIndex >= 0 && classIndex < classes)) {
    throw new UserError(
      `${where}.classIndex is ${classIndex}, expected a whole number from 0 to ${classes - 1}, an index into the class list`,
    );
  }
}
