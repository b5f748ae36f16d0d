import type * as tf from '@tensorflow/tfjs';
import { shown, UserError } from '../core/errors';

/**
 * How a predictor's outputs x, y, w, h stand for a box.
 *
 * | name | centre | size | who |
 * | --- | --- | --- | --- |
 * | `sqrt` | x, y as offset in the cell, 0..1 | w^2, h^2 of the picture | YOLOv1 ("we predict the square root"), its C code |
 * | `linear` | x, y as offset in the cell | w, h of the picture | YOLOv1's equation 3, taken by its letters |
 * | `picture` | x, y of the picture | w, h of the picture | the original's code |
 * | `sigmoid` | 1.2 sigmoid(x) - .1 as offset in the cell | sigmoid(w)^2 of the picture | a modern head; the stretch reaches the cell's edges at finite outputs |
 * | `wideSigmoid` | 2 sigmoid(x) - .5 as offset in the cell | sigmoid(w)^2 of the picture | a head whose objects have neighbouring cells as well |
 */
export type BoxCodingName = 'sqrt' | 'linear' | 'picture' | 'sigmoid' | 'wideSigmoid';

/** How all outputs of a detector are to be read. */
export type PredictionCoding = GridCoding | DistanceCoding;

/**
 * How predictions `[N, S, S, 5B + C]` are to be read: of each cell x, y, w, h and confidence of every predictor in
 * turn, then the classes.
 */
export interface GridCoding {
  /** How x, y, w and h stand for a box. */
  box: BoxCodingName;
  /** `linear`: the output is the confidence; `sigmoid`: its sigmoid is. */
  confidence: 'linear' | 'sigmoid';
  /** `linear`: the outputs are the class probabilities; `softmax`: their softmax is. */
  classes: 'linear' | 'softmax';
}

/**
 * How predictions `[N, P, 4 + C]` without objectness are to be read: distances of `2 softplus(output)` cells from the
 * cell's centre to the four sides of the box; the sigmoid of a class's output is its score.
 */
export interface DistanceCoding {
  /** The first four outputs of a cell are distances to left, top, right and bottom. */
  box: 'distances';
  /** The sigmoid of an output is the class's score. */
  classes: 'sigmoid';
}

/** The coding of a detector without objectness. */
export const DISTANCE_CODING: DistanceCoding = { box: 'distances', classes: 'sigmoid' };

/** The formulas of one way to code boxes. */
export interface BoxCoding {
  /**
   * What `offset` is measured in. `cell`: from the cell's corner, in cells; `picture`: from the picture's, of its size.
   */
  readonly unit: 'cell' | 'picture';
  /** Centre in the coding's unit. @param output - x or y, of any shape. */
  offset(output: tf.Tensor): tf.Tensor;
  /** Width or height, normalised. @param output - w or h, of any shape. */
  size(output: tf.Tensor): tf.Tensor;
  /**
   * Signed square root of the size; where the root's slope would be infinite it is `size / sqrt(|size| + epsilon)`.
   *
   * @param output - w or h, of any shape.
   * @param epsilon - Above 0; only the codings `linear` and `picture` read it.
   */
  root(output: tf.Tensor, epsilon: number): tf.Tensor;
  /** The formulas for one number, and back. */
  readonly scalar: {
    /** As the tensors' `offset`. */
    offset(output: number): number;
    /** As the tensors' `size`. */
    size(output: number): number;
    /** The output that gives this offset. */
    offsetOutput(offset: number): number;
    /** The output that gives this size. */
    sizeOutput(size: number): number;
  };
}

const SATURATED = 1 - 1e-7;

const itself = (x: number): number => x;
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const logit = (p: number): number => Math.log(p / (1 - p));

const linear: BoxCoding = {
  unit: 'cell',
  offset: (output) => output,
  size: (output) => output,
  root: (output, epsilon) => output.div(output.abs().add(epsilon).sqrt()),
  scalar: { offset: itself, size: itself, offsetOutput: itself, sizeOutput: itself },
};

/** @param reach - How far beyond its cell a centre reaches, in cells. */
function sigmoidCoding(reach: number): BoxCoding {
  const stretch = 1 + 2 * reach;
  return {
    unit: 'cell',
    offset: (output) => output.sigmoid().mul(stretch).sub(reach),
    size: (output) => output.sigmoid().square(),
    root: (output) => output.sigmoid(),
    scalar: {
      offset: (x) => stretch * sigmoid(x) - reach,
      size: (x) => sigmoid(x) ** 2,
      offsetOutput: (offset) => logit((offset + reach) / stretch),
      sizeOutput: (size) => logit(Math.min(Math.sqrt(size), SATURATED)),
    },
  };
}

/** The codings by name. */
export const BOX_CODINGS: Readonly<Record<BoxCodingName, BoxCoding>> = {
  linear,
  picture: { ...linear, unit: 'picture' },
  sqrt: {
    unit: 'cell',
    offset: (output) => output,
    size: (output) => output.square(),
    root: (output) => output,
    scalar: { offset: itself, size: (x) => x * x, offsetOutput: itself, sizeOutput: Math.sqrt },
  },
  sigmoid: sigmoidCoding(0.1),
  wideSigmoid: sigmoidCoding(0.5),
};

/**
 * The usual coding that goes with a way to code boxes: everything linear, or sigmoid boxes and confidence with softmax
 * classes, or the one coding by distances.
 *
 * @param coding - Its name; a whole coding is given back.
 * @throws UserError for an unknown name, or anything else.
 */
export function codingOf(coding: BoxCodingName | GridCoding): GridCoding;
export function codingOf(coding: BoxCodingName | PredictionCoding): PredictionCoding;
export function codingOf(coding: BoxCodingName | PredictionCoding): PredictionCoding {
  const name = typeof coding === 'string' ? coding : Object(coding).box;
  if (typeof coding !== 'string' && name === 'distances') return coding;
  if (!Object.hasOwn(BOX_CODINGS, name)) {
    throw new UserError(
      `coding: is ${shown(name ?? coding)}, expected one of ${[...Object.keys(BOX_CODINGS), 'distances'].join(', ')}`,
    );
  }
  if (typeof coding !== 'string') return coding;
  return coding === 'sigmoid' || coding === 'wideSigmoid'
    ? { box: coding, confidence: 'sigmoid', classes: 'softmax' }
    : { box: coding, confidence: 'linear', classes: 'linear' };
}
