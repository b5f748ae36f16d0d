import * as tf from '@tensorflow/tfjs';
import { checkChannels, checkTensor } from './checks';
import { differentiable } from './gradient';
import { type Attributes, FLOAT32, isNative, runKernelWithOutputs } from './native';

/** Result of {@link batchNormTraining}; the caller disposes all three. */
export interface BatchNormResult {
  /** Normalised, of the input's shape. */
  y: tf.Tensor4D;
  /** Mean of the batch by channel. Not differentiable. */
  mean: tf.Tensor1D;
  /** Unbiased variance of the batch by channel (divided by n - 1), as PyTorch's running one needs. Not differentiable. */
  variance: tf.Tensor1D;
}

/**
 * BatchNorm on the batch's own statistics (arXiv 1502.03167, algorithm 1), differentiable in `x`, `gamma`, `beta`:
 * `y = gamma (x - mean) / sqrt(variance + epsilon) + beta` with the biased variance over N, H and W.
 *
 * @param x - `[N, H, W, C]`, float32, at least two values a channel.
 * @param gamma - `[C]`.
 * @param beta - `[C]`.
 * @throws Error for shapes that don't fit or a single value a channel.
 */
export function batchNormTraining(
  x: tf.Tensor4D,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  epsilon: number,
): BatchNormResult {
  const channels = checkBatchNorm('batchNormTraining', x, { gamma, beta });
  const count = x.size / channels;
  if (count < 2) {
    throw new Error(
      'batchNormTraining: x has one value a channel, expected at least two: give more pictures or freeze BatchNorm',
    );
  }
  if (!isNative()) {
    return plainTraining(x, gamma, beta, epsilon, count);
  }
  const attributes = { ...kernelAttributes(epsilon), is_training: { bool: true } };
  let kept: tf.Tensor[] = [];
  const y = differentiable<tf.Tensor4D>(
    [x, gamma, beta],
    () => {
      const none = tf.tensor1d([], 'float32');
      const [value, mean, variance, ...reserved] = runKernelWithOutputs(
        'FusedBatchNormV3',
        attributes,
        [x, gamma, beta, none, none],
        6,
      );
      none.dispose();
      kept = [tf.keep(mean), tf.keep(variance)];
      return { value: value as tf.Tensor4D, saved: [x, gamma, ...reserved], activations: [x] };
    },
    (dy, [image, scale, ...reserved]) => gradients([dy, image, scale, ...reserved], attributes),
  );
  // The operation's own tidy would have freed them; their clones belong to the caller's tidy, as y does.
  const [mean, variance] = kept.map((statistic) => statistic.clone() as tf.Tensor1D);
  tf.dispose(kept);
  return { y, mean, variance };
}

/**
 * BatchNorm on running statistics, which are constants: an affine map, differentiable in `x`, `gamma`, `beta`.
 *
 * @param x - `[N, H, W, C]`, float32.
 * @throws Error for shapes that don't fit.
 */
export function batchNormFrozen(
  x: tf.Tensor4D,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  mean: tf.Tensor1D,
  variance: tf.Tensor1D,
  epsilon: number,
): tf.Tensor4D {
  checkBatchNorm('batchNormFrozen', x, { gamma, beta, mean, variance });
  if (!isNative()) {
    return tf.tidy(() => {
      const scale = gamma.mul(variance.add(epsilon).rsqrt());
      return x.mul(scale).add(beta.sub(mean.mul(scale))) as tf.Tensor4D;
    });
  }
  const attributes = { ...kernelAttributes(epsilon), is_training: { bool: false } };
  return differentiable<tf.Tensor4D>(
    [x, gamma, beta],
    () => {
      const [value, ...rest] = runKernelWithOutputs(
        'FusedBatchNormV3',
        attributes,
        [x, gamma, beta, mean, variance],
        6,
      );
      tf.dispose(rest);
      return { value: value as tf.Tensor4D, saved: [x, gamma, mean, variance], activations: [x] };
    },
    // The sixth input is a GPU workspace; on constants it is not read.
    (dy, [image, scale, m, v]) => gradients([dy, image, scale, m, v, m], attributes),
  );
}

/** Gradients of x, gamma and beta, which one kernel computes together. */
function gradients(inputs: tf.Tensor[], attributes: Attributes): (() => tf.Tensor)[] {
  const [dx, dGamma, dBeta, ...rest] = runKernelWithOutputs('FusedBatchNormGradV3', attributes, inputs, 5);
  tf.dispose(rest);
  return [() => dx, () => dGamma, () => dBeta];
}

function kernelAttributes(epsilon: number) {
  return { T: FLOAT32, U: FLOAT32, epsilon: { float: epsilon }, data_format: { string: 'NHWC' } };
}

/** In operations that every backend has; what the backward pass keeps is the input and two numbers a channel. */
function plainTraining(
  x: tf.Tensor4D,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  epsilon: number,
  count: number,
): BatchNormResult {
  const [mean, variance] = tf.tidy(() => {
    const moments = tf.moments(x, [0, 1, 2]);
    return [moments.mean as tf.Tensor1D, moments.variance as tf.Tensor1D];
  });
  const y = differentiable<tf.Tensor4D>(
    [x, gamma, beta],
    () => {
      const scale = variance.add(epsilon).rsqrt();
      const value = x.sub(mean).mul(scale.mul(gamma)).add(beta) as tf.Tensor4D;
      return { value, saved: [x, gamma, mean.clone(), scale], activations: [x] };
    },
    (dy, [image, factor, centre, scale], hold) => {
      const normalised = () => image.sub(centre).mul(scale);
      const dBeta = hold(dy.sum([0, 1, 2]));
      const dGamma = hold(tf.tidy(() => dy.mul(normalised()).sum([0, 1, 2])));
      const dx = () =>
        tf.tidy(() =>
          dy
            .sub(dBeta.div(count))
            .sub(normalised().mul(dGamma.div(count)))
            .mul(scale.mul(factor)),
        );
      return [dx, () => dGamma.clone(), () => dBeta.clone()];
    },
  );
  const unbiased = tf.tidy(() => variance.mul(count / (count - 1)) as tf.Tensor1D);
  variance.dispose();
  return { y, mean, variance: unbiased };
}

/** @returns Number of channels. */
function checkBatchNorm(op: string, x: tf.Tensor4D, vectors: Record<string, tf.Tensor1D>): number {
  checkTensor(op, 'x', x, 4);
  for (const [name, vector] of Object.entries(vectors)) {
    checkChannels(op, name, vector, x.shape[3]);
  }
  return x.shape[3];
}
