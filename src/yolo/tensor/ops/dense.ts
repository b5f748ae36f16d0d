import * as tf from '@tensorflow/tfjs';
import { checkChannels, checkTensor } from './checks';
import { differentiable } from './gradient';
import { FLOAT32, isNative, runKernel } from './native';

/**
 * Matrix product and bias: `x weight + bias`, differentiable in all three.
 *
 * @param x - `[N, in]`, float32.
 * @param weight - `[in, out]`.
 * @param bias - `[out]`.
 * @throws Error for shapes that don't fit.
 */
export function dense(x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor2D {
  checkTensor('dense', 'x', x, 2);
  checkTensor('dense', 'weight', weight, 2);
  checkChannels('dense', 'bias', bias, weight.shape[1]);
  if (x.shape[1] !== weight.shape[0]) {
    throw new Error(
      `dense: x has ${x.shape[1]} values a row, weight [${weight.shape}] expects ${weight.shape[0]}`,
    );
  }
  if (!isNative()) {
    return tf.tidy(() => x.matMul<tf.Tensor2D>(weight).add(bias));
  }
  return differentiable<tf.Tensor2D>(
    [x, bias, weight],
    () => {
      const product = multiply(x, weight);
      const value = runKernel('BiasAdd', BIAS, [product, bias]) as tf.Tensor2D;
      product.dispose();
      return { value, saved: [x, weight] };
    },
    (dy, [rows, matrix]) => [
      () => multiply(dy, matrix, { b: true }),
      () => runKernel('BiasAddGrad', BIAS, [dy]),
      () => multiply(rows, dy, { a: true }),
    ],
  );
}

const BIAS = { T: FLOAT32, data_format: { string: 'NHWC' } } as const;

/** Product of two matrices, each transposed or not. tfjs's own takes the kernel for stacks of matrices, half as fast. */
function multiply(a: tf.Tensor, b: tf.Tensor, transposed: { a?: boolean; b?: boolean } = {}): tf.Tensor {
  const { a: transposeA = false, b: transposeB = false } = transposed;
  const attributes = { T: FLOAT32, transpose_a: { bool: transposeA }, transpose_b: { bool: transposeB } };
  return runKernel('MatMul', attributes, [a, b]);
}
