import * as tf from '@tensorflow/tfjs';

/**
 * Computes a tensor that gradients don't flow through: whatever `compute` reads counts as a constant.
 *
 * Cheaper and safer than multiplying a gradient by zero: nothing behind it is visited in the backward pass, so an
 * infinite slope there can't become `0 * Infinity = NaN`.
 *
 * @param compute - May read any tensor; runs once, at once.
 */
export function detached<T extends tf.Tensor>(compute: () => T): T {
  // A custom gradient of no inputs is a leaf of the gradient's graph.
  return tf.customGrad(() => ({ value: compute(), gradFunc: () => [] }))() as T;
}
