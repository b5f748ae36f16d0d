import * as tf from '@tensorflow/tfjs';
import { checkTensor } from './checks';
import { differentiable } from './gradient';
import { FLOAT32, isNative, runKernel } from './native';

/**
 * x where x > 0, else alpha x; differentiable. As in {@link relu}, the native gradient reads the result: it has the
 * input's sign.
 *
 * @param x - Any shape, float32.
 * @param alpha - Slope below 0; 0 to 1.
 * @throws Error for another type or slope.
 */
export function leakyRelu<T extends tf.Tensor>(x: T, alpha: number): T {
  checkTensor('leakyRelu', 'x', x, x.rank);
  if (!(alpha >= 0 && alpha <= 1)) {
    throw new Error(`leakyRelu: alpha is ${alpha}, expected 0 to 1`);
  }
  if (!isNative()) {
    return tf.leakyRelu(x, alpha);
  }
  return differentiable<T>(
    [x],
    () => {
      const value = runKernel('LeakyRelu', { T: FLOAT32, alpha: { float: alpha } }, [x]) as T;
      return { value, saved: [value], activations: [value] };
    },
    (dy, [y]) => [() => leakyReluGradient(dy, y, alpha)],
  );
}

/** Gradient through a native leaky ReLU from that of its result and the result itself. */
export function leakyReluGradient(dy: tf.Tensor, y: tf.Tensor, alpha: number): tf.Tensor {
  return runKernel('LeakyReluGrad', { T: FLOAT32, alpha: { float: alpha } }, [dy, y]);
}
