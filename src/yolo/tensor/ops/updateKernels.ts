import * as tf from '@tensorflow/tfjs';
import { inPlace } from './inPlace';
import { FLOAT32, runKernelWithOutputs } from './native';

/** Constants of one Adam step, of arXiv 1412.6980; epsilon is added to the root of the corrected square, as there. */
export interface AdamStep {
  /** Steps done with this one, from 1. */
  step: number;
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
}

/** The constants as the kernel takes them; the caller disposes them. */
export function adamScalars({ step, learningRate, beta1, beta2, epsilon }: AdamStep): tf.Scalar[] {
  // TensorFlow adds epsilon to the root of the square before its correction.
  const hat = epsilon * Math.sqrt(1 - beta2 ** step);
  return [beta1 ** step, beta2 ** step, learningRate, beta1, beta2, hat].map((value) => tf.scalar(value));
}

/**
 * TensorFlow's own Adam update of one parameter: everything in one pass through memory and in place, where the same from
 * elementwise operations takes fifteen passes and four copies.
 *
 * @param scalars - Of {@link adamScalars}.
 */
export function applyAdam(
  [parameter, mean, square]: readonly [parameter: tf.Variable, mean: tf.Variable, square: tf.Variable],
  gradient: tf.Tensor,
  scalars: readonly tf.Scalar[],
): void {
  inPlace([parameter, mean, square], (handles) => {
    const options = { T: FLOAT32, use_locking: { bool: false }, use_nesterov: { bool: false } };
    runKernelWithOutputs('ResourceApplyAdam', options, [...handles, ...scalars, gradient], 0);
  });
}

/** The same of stochastic gradient descent: `v = momentum v + g`, and the parameter goes by `rate` times v, or one on. */
export function applyMomentum(
  [parameter, velocity]: readonly [parameter: tf.Variable, velocity: tf.Variable],
  gradient: tf.Tensor,
  { rate, momentum, nesterov }: { rate: number; momentum: number; nesterov: boolean },
): void {
  inPlace([parameter, velocity], ([variable, moment]) => {
    tf.tidy(() => {
      const options = { T: FLOAT32, use_locking: { bool: false }, use_nesterov: { bool: nesterov } };
      const inputs = [variable, moment, tf.scalar(rate), gradient, tf.scalar(momentum)];
      runKernelWithOutputs('ResourceApplyMomentum', options, inputs, 0);
    });
  });
}
