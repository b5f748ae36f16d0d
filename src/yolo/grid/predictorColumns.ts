import * as tf from '@tensorflow/tfjs';
import { BOX_CODINGS, type BoxCodingName } from './coding';
import type { PredictionLayout } from './layout';
import type { EdgeTensors } from './overlap';

/** Outputs of all predictors as columns of shape [N * S * S * B, 1]. */
export interface PredictorColumns {
  x: tf.Tensor2D;
  y: tf.Tensor2D;
  w: tf.Tensor2D;
  h: tf.Tensor2D;
  confidence: tf.Tensor2D;
  /** Class outputs, shape [N * S * S, C]. */
  classes: tf.Tensor2D;
}

/** Decoded boxes: what a loss compares, as columns of shape [N * S * S * B, 1]. */
export interface DecodedColumns {
  /** Centre in the coding's own unit. */
  offsetX: tf.Tensor;
  offsetY: tf.Tensor;
  width: tf.Tensor;
  height: tf.Tensor;
  /** Normalised. */
  edges: EdgeTensors;
}

/** Splits predictions `[N, S, S, 5B + C]` into columns, with gradient; to be called inside a tidy. */
export function predictorColumns(predictions: tf.Tensor4D, layout: PredictionLayout): PredictorColumns {
  const { pictures, gridSize, predictors, depth } = layout;
  const cells = pictures * gridSize ** 2;
  const [boxes, classes] = tf.split<tf.Tensor2D>(
    predictions.reshape([cells, depth]),
    [5 * predictors, depth - 5 * predictors],
    1,
  );
  const [x, y, w, h, confidence] = tf.split<tf.Tensor2D>(boxes.reshape([cells * predictors, 5]), 5, 1);
  return { x, y, w, h, confidence, classes };
}

/** Decodes boxes with gradient; to be called inside a tidy. */
export function decodeColumns(
  columns: PredictorColumns,
  coding: BoxCodingName,
  layout: PredictionLayout,
): DecodedColumns {
  const formulas = BOX_CODINGS[coding];
  const offsetX = formulas.offset(columns.x);
  const offsetY = formulas.offset(columns.y);
  const width = formulas.size(columns.w);
  const height = formulas.size(columns.h);
  const [centreX, centreY] =
    formulas.unit === 'picture'
      ? [offsetX, offsetY]
      : [
          offsetX.add(cornerColumn(layout, 'column')).div(layout.gridSize),
          offsetY.add(cornerColumn(layout, 'row')).div(layout.gridSize),
        ];
  const halfWidth = width.div(2);
  const halfHeight = height.div(2);
  const edges = {
    left: centreX.sub(halfWidth),
    top: centreY.sub(halfHeight),
    right: centreX.add(halfWidth),
    bottom: centreY.add(halfHeight),
  };
  return { offsetX, offsetY, width, height, edges };
}

/** Row or column index of the cell that each predictor belongs to, shape [N * S * S * B, 1]. */
function cornerColumn(layout: PredictionLayout, axis: 'row' | 'column'): tf.Tensor2D {
  const { pictures, gridSize, predictors } = layout;
  const values = new Float32Array(pictures * gridSize ** 2 * predictors);
  for (let i = 0; i < values.length; i++) {
    const cell = Math.floor(i / predictors);
    values[i] = (axis === 'column' ? cell : Math.floor(cell / gridSize)) % gridSize;
  }
  return tf.tensor2d(values, [values.length, 1]);
}
