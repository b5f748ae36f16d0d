import * as tf from '@tensorflow/tfjs';
import { checkTensor } from './checks';
import { differentiable } from './gradient';

/**
 * x sigmoid(x) (SiLU or Swish, arXiv 1710.05941), differentiable. Its result does not tell its input, so both the input
 * and its sigmoid are kept for the gradient, `sigmoid(x) (1 + x (1 - sigmoid(x)))`.
 *
 * @param x - Any shape, float32.
 * @throws Error for another type.
 */
export function silu<T extends tf.Tensor>(x: T): T {
  checkTensor('silu', 'x', x, x.rank);
  return differentiable<T>(
    [x],
    () => {
      const gate = tf.sigmoid(x);
      return { value: x.mul(gate) as T, saved: [x, gate] };
    },
    (dy, [input, gate]) => [() => tf.tidy(() => dy.mul(gate.mul(input.mul(tf.sub(1, gate)).add(1))))],
  );
}
