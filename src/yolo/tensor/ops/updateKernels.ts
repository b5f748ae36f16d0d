import * as tf from '@tensorflow/tfjs';
import { changeOnGpu } from '../webgpu/changeInPlace';
import { averageInPlace, inPlace, isWebGpu } from './inPlace';
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

/**
 * TensorFlow's own Adam update of one parameter: everything in one pass through memory and in place, where the same from
 * elementwise operations takes fifteen passes and four copies. By WebGPU three passes, in place as well.
 */
export function applyAdam(
  [parameter, mean, square]: readonly [parameter: tf.Variable, mean: tf.Variable, square: tf.Variable],
  gradient: tf.Tensor,
  { step, learningRate, beta1, beta2, epsilon }: AdamStep,
): void {
  if (isWebGpu()) {
    averageInPlace(mean, gradient, 1 - beta1);
    changeOnGpu(square, {
      formula: 'old + uniforms.part * (gradient[index] * gradient[index] - old)',
      others: { gradient },
      constants: { part: 1 - beta2 },
    });
    changeOnGpu(parameter, {
      formula:
        'old - uniforms.rate * mean[index] / (sqrt(square[index] * uniforms.correction) + uniforms.epsilon)',
      others: { mean, square },
      constants: { rate: learningRate / (1 - beta1 ** step), correction: 1 / (1 - beta2 ** step), epsilon },
    });
    return;
  }
  inPlace([parameter, mean, square], (handles) => {
    tf.tidy(() => {
      // TensorFlow adds epsilon to the root of the square before its correction.
      const hat = epsilon * Math.sqrt(1 - beta2 ** step);
      const constants = [beta1 ** step, beta2 ** step, learningRate, beta1, beta2, hat];
      const scalars = constants.map((value) => tf.scalar(value));
      const options = { T: FLOAT32, use_locking: { bool: false }, use_nesterov: { bool: false } };
      runKernelWithOutputs('ResourceApplyAdam', options, [...handles, ...scalars, gradient], 0);
    });
  });
}

/** The same of stochastic gradient descent: `v = momentum v + g`, and the parameter goes by `rate` times v, or one on. */
export function applyMomentum(
  [parameter, velocity]: readonly [parameter: tf.Variable, velocity: tf.Variable],
  gradient: tf.Tensor,
  { rate, momentum, nesterov }: { rate: number; momentum: number; nesterov: boolean },
): void {
  if (isWebGpu()) {
    const formula = 'uniforms.momentum * old + gradient[index]';
    changeOnGpu(velocity, { formula, others: { gradient }, constants: { momentum } });
    const direction = nesterov ? 'gradient[index] + uniforms.momentum * velocity[index]' : 'velocity[index]';
    changeOnGpu(parameter, {
      formula: `old - uniforms.rate * (${direction})`,
      others: nesterov ? { gradient, velocity } : { velocity },
      constants: nesterov ? { rate, momentum } : { rate },
    });
    return;
  }
  inPlace([parameter, velocity], ([variable, moment]) => {
    tf.tidy(() => {
      const options = { T: FLOAT32, use_locking: { bool: false }, use_nesterov: { bool: nesterov } };
      const inputs = [variable, moment, tf.scalar(rate), gradient, tf.scalar(momentum)];
      runKernelWithOutputs('ResourceApplyMomentum', options, inputs, 0);
    });
  });
}
