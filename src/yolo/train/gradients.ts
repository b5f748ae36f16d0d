import * as tf from '@tensorflow/tfjs';
import { FLOAT32, isNative, runKernel } from '../tensor/ops/native';
import { takeData } from '../tensor/takeData';

/** Sum of the squares. On the native backend no tensor of squares is made. */
export function squaredNorm(tensor: tf.Tensor): tf.Scalar {
  return tf.tidy(() =>
    isNative()
      ? (runKernel('L2Loss', { T: FLOAT32 }, [tensor]).mul(2) as tf.Scalar)
      : (tensor.square().sum() as tf.Scalar),
  );
}

/** Common Euclidean norm of tensors; NaN or infinite if a number in them is. */
export async function globalNorm(tensors: readonly tf.Tensor[]): Promise<number> {
  const square = tf.tidy(() => tf.addN(tensors.map(squaredNorm)));
  return Math.sqrt((await takeData(square))[0]);
}

/**
 * What gradients are multiplied by so that their common Euclidean norm is at most `limit` (arXiv 1211.5063).
 *
 * @param limit - Largest norm to let through; null lets all through.
 */
export function clippingScale(norm: number, limit: number | null): number {
  return limit !== null && norm > limit && Number.isFinite(norm) ? limit / norm : 1;
}
