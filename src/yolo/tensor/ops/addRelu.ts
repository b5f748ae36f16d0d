import * as tf from '@tensorflow/tfjs';
import { checkTensor } from './checks';
import { differentiable } from './gradient';
import { FLOAT32, isNative, runKernel } from './native';
import { reluGradient } from './relu';

/**
 * max(0, a + b): the end of a residual block, differentiable in both. The sum itself is not kept.
 *
 * @param a - Any shape, float32.
 * @param b - Of the same shape.
 * @throws Error for another type or different shapes.
 */
export function addRelu<T extends tf.Tensor>(a: T, b: T): T {
  checkTensor('addRelu', 'a', a, a.rank);
  checkTensor('addRelu', 'b', b, a.rank);
  if (String(a.shape) !== String(b.shape)) {
    throw new Error(`addRelu: b has shape [${b.shape}], expected that of a, [${a.shape}]`);
  }
  if (!isNative()) {
    return tf.tidy(() => tf.relu(a.add(b)) as T);
  }
  return differentiable<T>(
    [a, b],
    () => {
      const sum = runKernel('AddV2', { T: FLOAT32 }, [a, b]);
      const value = runKernel('Relu', { T: FLOAT32 }, [sum]) as T;
      sum.dispose();
      return { value, saved: [value], activations: [value] };
    },
    (dy, [y], hold) => {
      const gradient = hold(reluGradient(dy, y));
      return [() => gradient.clone(), () => gradient.clone()];
    },
  );
}
