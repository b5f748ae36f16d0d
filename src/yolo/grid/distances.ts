import * as tf from '@tensorflow/tfjs';
import { type CellPlaces, cellPlaces, type DistanceLayout } from './distanceLayout';
import type { EdgeTensors } from './overlap';

/** A distance in cells is so many times the softplus of its output. */
const SCALE = 2;

/** Outputs of cells as columns. */
export interface DistanceColumns {
  /** Boxes, normalised, columns of shape [N * P, 1]. */
  edges: EdgeTensors;
  /** Class outputs, shape [N * P, C]. */
  classes: tf.Tensor2D;
}

/**
 * Splits predictions `[N, P, 4 + C]`, with gradient; to be called inside a tidy. A box lies around its cell's centre: the
 * outputs l, t, r, b stand for distances of `2 softplus(output)` cells to its left, top, right and lower side.
 */
export function distanceColumns(predictions: tf.Tensor3D, layout: DistanceLayout): DistanceColumns {
  const { pictures, cells, sides, depth } = layout;
  const rows = pictures * cells;
  const [outputs, classes] = tf.split<tf.Tensor2D>(predictions.reshape([rows, depth]), [4, depth - 4], 1);
  const places = cellPlaces(sides);
  const column = (values: Float32Array) => tf.tile(tf.tensor2d(values, [cells, 1]), [pictures, 1]);
  const x = column(places.x);
  const y = column(places.y);
  const distances = tf.softplus(outputs).mul(column(places.side.map((side) => side * SCALE)));
  const [left, top, right, bottom] = tf.split(distances, 4, 1);
  return {
    edges: { left: x.sub(left), top: y.sub(top), right: x.add(right), bottom: y.add(bottom) },
    classes,
  };
}

/**
 * Edges of one cell's box, normalised.
 *
 * @param values - Predictions of a picture, P * (4 + C) numbers.
 * @param edges - Receives left, top, right, bottom.
 */
export function decodeDistances(
  values: ArrayLike<number>,
  depth: number,
  { x, y, side }: CellPlaces,
  cell: number,
  edges: Float64Array,
): void {
  const at = cell * depth;
  const cells = SCALE * side[cell];
  edges[0] = x[cell] - cells * softplus(values[at]);
  edges[1] = y[cell] - cells * softplus(values[at + 1]);
  edges[2] = x[cell] + cells * softplus(values[at + 2]);
  edges[3] = y[cell] + cells * softplus(values[at + 3]);
}

/** log(1 + e^x) without overflow. */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
