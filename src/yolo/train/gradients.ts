import * as tf from '@tensorflow/tfjs';
import { takeData } from '../tensor/takeData';

/** Common Euclidean norm of tensors; NaN or infinite if a number in them is. */
export async function globalNorm(tensors: readonly tf.Tensor[]): Promise<number> {
  const squares = tf.tidy(() => tf.addN(tensors.map((tensor) => tensor.square().sum())));
  return Math.sqrt((await takeData(squares))[0]);
}

/**
 * Scale gradients so that their common Euclidean norm is at most `limit` (arXiv 1211.5063).
 *
 * @param gradients - By parameter name; entries are replaced and the old tensors disposed when scaling is needed.
 * @param limit - Largest norm to let through; `Infinity` only measures.
 * @returns The norm before clipping; NaN or infinite if a gradient is.
 */
export async function clipByGlobalNorm(gradients: Map<string, tf.Tensor>, limit: number): Promise<number> {
  const norm = await globalNorm([...gradients.values()]);
  if (norm > limit && Number.isFinite(norm)) {
    for (const [name, gradient] of gradients) {
      gradients.set(
        name,
        tf.tidy(() => gradient.mul(limit / norm)),
      );
      gradient.dispose();
    }
  }
  return norm;
}
