import type * as tf from '@tensorflow/tfjs';

/**
 * Class targets with label smoothing (Szegedy et al. 2016, 1512.00567, section 7): of an object's probability 1 a share
 * is spread evenly over all classes. Cells without an object stay 0.
 *
 * @param classes - `[cells, classes]`, one 1 in every cell with an object.
 * @param share - 0 to 1.
 */
export function smoothedClasses(classes: tf.Tensor2D, share: number): tf.Tensor {
  const count = classes.shape[1];
  return classes.mul(1 - share).add(classes.sum(1, true).mul(share / count));
}
