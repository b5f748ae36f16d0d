import { UserError } from '../core/errors';

/** Numbers that predictions of cells without objectness stand for. */
export interface DistanceLayout {
  /** Pictures, N. */
  pictures: number;
  /** Cells of all grids, P. */
  cells: number;
  /** Cells per side of each grid, the finer one first. */
  sides: readonly number[];
  /** Numbers a cell, 4 + C. */
  depth: number;
}

/** Where cells are, normalised. */
export interface CellPlaces {
  /** Centres, shape [P]. */
  readonly x: Float32Array;
  readonly y: Float32Array;
  /** Side of each cell, shape [P]. */
  readonly side: Float32Array;
}

/**
 * Reads the shape `[N, P, 4 + C]` of predictions without objectness: for each cell the distances to the four sides, then
 * the classes. The P cells are those of one grid, S^2, or of two, of which the first has twice as many a side: 5 S^2.
 *
 * @param operation - Name for messages.
 * @param classes - Number of classes, C.
 * @throws UserError if that is not such a shape.
 */
export function distanceLayout(operation: string, shape: readonly number[], classes: number): DistanceLayout {
  const [pictures, cells, depth] = shape;
  // 5 S^2 is never a square, so the number of cells tells the grids.
  const one = Math.sqrt(cells);
  const coarse = Math.sqrt(cells / 5);
  const sides = Number.isInteger(one) ? [one] : [2 * coarse, coarse];
  if (shape.length !== 3 || depth !== 4 + classes || !(cells > 0 && sides.every(Number.isInteger))) {
    throw new UserError(
      `${operation}: predictions has shape [${shape}], expected [N, P, ${4 + classes}] with P = S^2 or 5 S^2`,
    );
  }
  return { pictures, cells, sides, depth };
}

/** Centres and sides of the cells of square grids, grid by grid and row by row. */
export function cellPlaces(sides: readonly number[]): CellPlaces {
  const count = sides.reduce((sum, side) => sum + side ** 2, 0);
  const places = {
    x: new Float32Array(count),
    y: new Float32Array(count),
    side: new Float32Array(count),
  };
  let cell = 0;
  for (const side of sides) {
    for (let row = 0; row < side; row++) {
      for (let column = 0; column < side; column++, cell++) {
        places.x[cell] = (column + 0.5) / side;
        places.y[cell] = (row + 0.5) / side;
        places.side[cell] = 1 / side;
      }
    }
  }
  return places;
}
