import * as tf from '@tensorflow/tfjs';
import { COUNT, checkArguments, record, tensor } from '../core/arguments';
import { UserError } from '../core/errors';
import { type BoxCodingName, codingOf, type GridCoding } from './coding';
import { predictionLayout } from './layout';
import { decodeColumns, predictorColumns } from './predictorColumns';

const ARGUMENTS = {
  predictions: tensor('a tensor of predictions'),
  options: record('an object with coding and classes', { classes: COUNT }),
};

/**
 * Boxes that predictions stand for, with a gradient to the predictions.
 *
 * @param predictions - `[N, S, S, 5B + C]`, float32.
 * @param options - How the outputs are to be read.
 * @param options.coding - Such as `loss.description.coding`.
 * @param options.classes - Number of classes, C.
 * @returns `[N, S, S, B, 4]`: left, top, right, bottom, normalised; not clipped, and reversed where a linear output w
 * or h is negative. The caller disposes it.
 * @throws UserError for another shape or type, or an unknown coding.
 */
export function decodeBoxes(
  predictions: tf.Tensor4D,
  options: { coding: BoxCodingName | GridCoding; classes: number },
): tf.Tensor5D {
  checkArguments('decodeBoxes', { predictions, options }, ARGUMENTS);
  const { coding, classes } = options;
  const layout = predictionLayout('decodeBoxes', predictions.shape, classes);
  if (predictions.dtype !== 'float32') {
    throw new UserError(`decodeBoxes: predictions is ${predictions.dtype}, expected float32`);
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
