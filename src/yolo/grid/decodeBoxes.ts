import * as tf from '@tensorflow/tfjs';
import { type BoxCodingName, codingOf, type GridCoding } from './coding';
import { predictionLayout } from './layout';
import { decodeColumns, predictorColumns } from './predictorColumns';

/**
 * Boxes that predictions stand for, with a gradient to the predictions.
 *
 * @param predictions - `[N, S, S, 5B + C]`, float32.
 * @param options - How the outputs are coded, and the number of classes C.
 * @returns `[N, S, S, B, 4]`: left, top, right, bottom, normalised; not clipped, and reversed where a linear output w or h
 * is negative. The caller disposes it.
 * @throws Error for another shape or type, or an unknown coding.
 */
export function decodeBoxes(
  predictions: tf.Tensor4D,
  { coding, classes }: { coding: BoxCodingName | GridCoding; classes: number },
): tf.Tensor5D {
  const layout = predictionLayout('decodeBoxes', predictions.shape, classes);
  if (predictions.dtype !== 'float32') {
    throw new Error(`decodeBoxes: predictions is ${predictions.dtype}, expected float32`);
  }
  const { box } = codingOf(coding);
  const { pictures, gridSize, predictors } = layout;
  return tf.tidy(() => {
    const { left, top, right, bottom } = decodeColumns(
      predictorColumns(predictions, layout),
      box,
      layout,
    ).edges;
    return tf
      .concat([left, top, right, bottom], 1)
      .reshape([pictures, gridSize, gridSize, predictors, 4]) as tf.Tensor5D;
  });
}
