import * as tf from '@tensorflow/tfjs';
import { checkTensor } from './checks';
import { differentiable } from './gradient';
import { FLOAT32, isNative, runKernel } from './native';

/**
 * max(0, x), differentiable. On the native backend its gradient is one kernel that reads the result, so the input need
 * not be kept.
 *
 * @param x - Any shape, float32.
 * @throws Error for another type.
 */
export function relu<T extends tf.Tensor>(x: T): T {
  checkTensor('relu', 'x', x, x.rank);
  if (!isNative()) {
    return tf.relu(x);
  }
  return differentiable<T>(
    [x],
    () => {
      const value = runKernel('Relu', { T: FLOAT32 }, [x]) as T;
      return { value, saved: [value], activations: [value] };
    },
    (dy, [y]) => [() => reluGradient(dy, y)],
  );
}

/** Gradient through a native ReLU from that of its result and the result itself. */
export function reluGradient(dy: tf.Tensor, y: tf.Tensor): tf.Tensor {
  return runKernel('ReluGrad', { T: FLOAT32 }, [dy, y]);
}
