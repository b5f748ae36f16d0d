import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { COUNT, checkArguments, record } from '../core/arguments';
import { counted } from '../core/counted';
import { UserError } from '../core/errors';
import type { Box } from '../grid/box';
import { BOX_CODINGS, type GridCoding } from '../grid/coding';
import { encodeGrid, type GridTarget } from '../grid/gridTarget';
import { type DetectionLoss, LOSS } from './detectionLoss';

/** An object of a probed picture, and what the network says in its cell. */
export interface ProbeObject {
  /** Normalised edges. */
  box: Box;
  /** Index of its class. Default 0. */
  classIndex?: number;
  /**
   * Box and confidence of each of the cell's predictors. Default: of every one the object's own box, made smaller to
   * the request's `iou`, and the request's confidence.
   */
  predictions?: readonly { box: Box; confidence: number }[];
}

/** What the network says of the picture that a loss is asked about. */
export interface ProbeRequest {
  /**
   * Confidence of every predictor, or of those in empty cells and of those in cells with an object. A probability where
   * the loss reads confidences through a sigmoid.
   */
  confidence: number | { empty: number; object: number };
  /** The objects of every picture; a number stands for so many of a cell's size, in the first cells. Default none. */
  objects?: number | readonly ProbeObject[];
  /** IoU of the predicted boxes with their objects, above 0, up to 1. Default 1. */
  iou?: number;
  /** Equal pictures in the batch. Default 1. */
  pictures?: number;
  /** Cells a side, S. Default 7. */
  gridSize?: number;
  /** Boxes a cell, B. Default 2. */
  predictors?: number;
  /** Number of classes, C. Default 20. */
  classes?: number;
  /** The C class outputs in cells with an object; elsewhere they are 0. Default 0 there, too. */
  classOutputs?: readonly number[];
}

/** Gradient of the loss by the five outputs of one predictor, before any sigmoid. */
export interface PredictorGradient {
  x: number;
  y: number;
  w: number;
  h: number;
  confidence: number;
}

/** What a loss says. */
export interface Probe {
  /** The total loss of the batch. */
  value: number;
  /** Shares of the value by name. */
  parts: Record<string, number>;
  /** Gradients of the value. */
  gradient: {
    /** By one predictor's confidence output in an empty cell; NaN if no cell is empty. */
    empty: number;
    /** For each object of a picture: by the outputs of its cell's predictors, and by its class outputs. */
    objects: { predictors: PredictorGradient[]; classes: number[] }[];
    /** Sum over the confidence outputs of the whole batch: 0 where a network that sees nothing settles. */
    confidence: number;
  };
}

const REQUEST = record('an object with the confidence', {
  confidence: v.custom((value) => {
    const { empty, object } = Object(value);
    return typeof value === 'number' || (typeof empty === 'number' && typeof object === 'number');
  }, 'a number, or two, empty and object'),
  objects: v.optional(
    v.custom((value) => typeof value === 'number' || Array.isArray(value), 'a number or a list'),
  ),
  pictures: v.optional(COUNT),
  gridSize: v.optional(COUNT),
  predictors: v.optional(COUNT),
  classes: v.optional(COUNT),
});

/**
 * Ask a loss what it says of outputs that are given by name: its value, its parts, and its gradient by each output.
 * What a derivation claims of an empty cell or a responsible predictor can be checked with it in a line.
 *
 * ```ts
 * const { value, gradient } = probe(yoloLoss(), { confidence: 0.1, objects: 2 });
 * ```
 *
 * @param loss - Of a detector with objectness, such as `yoloLoss()`.
 * @param request - Confidences, and what else differs from one empty picture.
 * @throws UserError for a confidence that a sigmoid can't give, an IoU out of range, objects that share a cell, or
 * predictions of another number than there are predictors.
 */
export function probe(loss: DetectionLoss<GridCoding>, request: ProbeRequest): Probe {
  checkArguments('probe', { loss, request }, { loss: LOSS, request: REQUEST });
  const { pictures = 1, gridSize = 7, predictors = 2, classes = 20 } = request;
  const objects = objectsOf(request.objects ?? 0, gridSize);
  const listed = objects.map(({ box, classIndex = 0 }) => ({ box, classIndex }));
  const target = encodeGrid(
    Array.from({ length: pictures }, () => listed),
    { gridSize, classes },
  );
  if (target.lost.length > 0) throw new UserError('probe: two objects share a cell, expected one a cell');
  const depth = 5 * predictors + classes;
  const cells = target.classIndex.length;
  const data = outputsOf(loss, request, objects, target);
  const outputs = tf.tensor4d(data, [pictures, gridSize, gridSize, depth]);
  let parts: Record<string, tf.Scalar> = {};
  const { value, grad } = tf.valueAndGrad((predictions: tf.Tensor) => {
    const found = loss(predictions as tf.Tensor4D, target);
    parts = Object.fromEntries(
      Object.entries(found.parts).map(([name, part]) => [name, tf.keep(part.clone())]),
    );
    return found.total;
  })(outputs);
  const by = grad.dataSync();
  const empty = target.classIndex.indexOf(-1);
  const all = Array.from({ length: cells * predictors }, (_, k) => {
    const cell = Math.floor(k / predictors);
    return by[cell * depth + 5 * (k % predictors) + 4];
  });
  const found: Probe = {
    value: value.dataSync()[0],
    parts: Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.dataSync()[0]])),
    gradient: {
      empty: empty < 0 ? Number.NaN : by[empty * depth + 4],
      objects: objects.map(({ box }) => {
        const start = cellOf(box, gridSize) * depth;
        const column = (j: number, k: number) => by[start + 5 * j + k];
        return {
          predictors: Array.from({ length: predictors }, (_, j) => ({
            x: column(j, 0),
            y: column(j, 1),
            w: column(j, 2),
            h: column(j, 3),
            confidence: column(j, 4),
          })),
          classes: Array.from(by.subarray(start + 5 * predictors, start + depth)),
        };
      }),
      confidence: all.reduce((sum, one) => sum + one, 0),
    },
  };
  tf.dispose([outputs, value, grad, ...Object.values(parts)]);
  return found;
}

/** So many objects of a cell's size, each in a cell of its own from the first one on. */
function objectsOf(given: number | readonly ProbeObject[], gridSize: number): readonly ProbeObject[] {
  if (typeof given !== 'number') return given;
  if (!Number.isInteger(given) || given < 0 || given > gridSize ** 2) {
    throw new UserError(`probe: objects is ${given}, expected a whole number from 0 to ${gridSize ** 2}`);
  }
  return Array.from({ length: given }, (_, cell) => {
    const [row, column] = [Math.floor(cell / gridSize), cell % gridSize];
    const [left, top] = [column / gridSize, row / gridSize];
    return { box: { left, top, right: left + 1 / gridSize, bottom: top + 1 / gridSize } };
  });
}

/** The network's outputs in the loss's coding. */
function outputsOf(
  { description }: DetectionLoss<GridCoding>,
  request: ProbeRequest,
  objects: readonly ProbeObject[],
  { classIndex, gridSize, classes, pictures }: GridTarget,
): Float32Array {
  const { predictors = 2, iou = 1, classOutputs = [] } = request;
  if (!(iou > 0 && iou <= 1)) throw new UserError(`probe: iou is ${iou}, expected a number above 0, up to 1`);
  const { confidence } = request;
  const wanted = typeof confidence === 'number' ? { empty: confidence, object: confidence } : confidence;
  const gate = (c: number) => confidenceOutput(c, description.coding.confidence);
  const { unit, scalar } = BOX_CODINGS[description.coding.box];
  const depth = 5 * predictors + classes;
  const data = new Float32Array(classIndex.length * depth);
  for (let cell = 0; cell < classIndex.length; cell++) {
    for (let j = 0; j < predictors; j++) data[cell * depth + 5 * j + 4] = gate(wanted.empty);
  }
  for (const object of objects) {
    const same = { box: shrunk(object.box, iou), confidence: wanted.object };
    const predictions = object.predictions ?? Array.from({ length: predictors }, () => same);
    if (predictions.length !== predictors) {
      throw new UserError(
        `probe: got ${counted(predictions.length, 'prediction')} of an object, expected ${predictors}`,
      );
    }
    const place = cellOf(object.box, gridSize);
    const corner = [place % gridSize, Math.floor(place / gridSize)];
    for (let picture = 0; picture < pictures; picture++) {
      const start = (picture * gridSize ** 2 + place) * depth;
      predictions.forEach(({ box: { left, top, right, bottom }, confidence: c }, j) => {
        const centre = [(left + right) / 2, (top + bottom) / 2];
        const [x, y] = centre.map((value, k) => (unit === 'cell' ? value * gridSize - corner[k] : value));
        data.set(
          [
            scalar.offsetOutput(x),
            scalar.offsetOutput(y),
            scalar.sizeOutput(right - left),
            scalar.sizeOutput(bottom - top),
            gate(c),
          ],
          start + 5 * j,
        );
      });
      data.set(classOutputs, start + 5 * predictors);
    }
  }
  return data;
}

function confidenceOutput(confidence: number, coding: 'linear' | 'sigmoid'): number {
  if (coding === 'linear') return confidence;
  if (confidence > 0 && confidence < 1) return Math.log(confidence / (1 - confidence));
  throw new UserError(
    `probe: confidence is ${confidence}, but this loss's passes a sigmoid; expected a number between 0 and 1`,
  );
}

/** A box with the same centre that lies inside: its share of the area is the IoU. */
function shrunk({ left, top, right, bottom }: Box, iou: number): Box {
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  const [w, h] = [((right - left) / 2) * Math.sqrt(iou), ((bottom - top) / 2) * Math.sqrt(iou)];
  return { left: x - w, top: y - h, right: x + w, bottom: y + h };
}

function cellOf({ left, top, right, bottom }: Box, gridSize: number): number {
  const place = (a: number, b: number) =>
    Math.min(gridSize - 1, Math.max(0, Math.floor(((a + b) / 2) * gridSize + 1e-9)));
  return place(top, bottom) * gridSize + place(left, right);
}
