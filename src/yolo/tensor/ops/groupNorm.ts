import * as tf from '@tensorflow/tfjs';
import { checkChannels, checkTensor } from './checks';

/**
 * GroupNorm (arXiv 1803.08494): each picture's channels are normalised in groups by their own mean and biased variance,
 * so that no picture's result depends on another's. Differentiable in `x`, `gamma`, `beta`.
 *
 * @param x - `[N, H, W, C]`, float32.
 * @param gamma - `[C]`.
 * @param beta - `[C]`.
 * @param groups - Divides C.
 * @throws Error for shapes that don't fit.
 */
export function groupNorm(
  x: tf.Tensor4D,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  groups: number,
  epsilon: number,
): tf.Tensor4D {
  checkTensor('groupNorm', 'x', x, 4);
  const [pictures, height, width, channels] = x.shape;
  checkChannels('groupNorm', 'gamma', gamma, channels);
  checkChannels('groupNorm', 'beta', beta, channels);
  if (!Number.isInteger(groups) || groups < 1 || channels % groups !== 0) {
    throw new Error(`groupNorm: groups is ${groups}, expected a divisor of ${channels} channels`);
  }
  return tf.tidy(() => {
    const grouped = x.reshape([pictures, height * width, groups, channels / groups]);
    const { mean, variance } = tf.moments(grouped, [1, 3], true);
    const normalised = grouped.sub(mean).mul(variance.add(epsilon).rsqrt());
    return normalised.reshape(x.shape).mul(gamma).add(beta) as tf.Tensor4D;
  });
}
