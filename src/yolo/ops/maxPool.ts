import * as tf from '@tensorflow/tfjs';
import { checkTensor, checkWhole } from './checks';
import type { ConvGeometry } from './conv2d';
import { differentiable } from './gradient';
import { FLOAT32, isNative, runKernel } from './native';

/** Geometry of a pooling window. */
export interface PoolGeometry extends ConvGeometry {
  /** Side of the square window, in pixels. */
  size: number;
}

/** Stands for minus infinity in the padding: finite, so that no kernel makes NaN of it. */
const LOWEST = -3.4e38;

/**
 * Largest value of each window, differentiable. Padding never wins, as in PyTorch.
 *
 * @param x - `[N, H, W, C]`, float32.
 * @returns `[N, floor((H + 2 padding - size) / stride) + 1, ..., C]`; the caller disposes it.
 * @throws Error for another rank or type, or a padding of more than half the window.
 */
export function maxPool(x: tf.Tensor4D, { size, stride, padding }: PoolGeometry): tf.Tensor4D {
  checkTensor('maxPool', 'x', x, 4);
  checkWhole('maxPool', 'size', size, 1);
  checkWhole('maxPool', 'stride', stride, 1);
  checkWhole('maxPool', 'padding', padding, 0);
  if (2 * padding > size) {
    throw new Error(`maxPool: padding is ${padding}, expected at most half the window of ${size}`);
  }
  const around: [number, number] = [padding, padding];
  const padded = (image: tf.Tensor4D) =>
    padding > 0 ? (tf.pad(image, [[0, 0], around, around, [0, 0]], LOWEST) as tf.Tensor4D) : image;
  if (!isNative()) {
    return tf.tidy(() => tf.maxPool(padded(x), size, stride, 'valid'));
  }
  const attributes = {
    T: FLOAT32,
    ksize: { ints: [1, size, size, 1] },
    strides: { ints: [1, stride, stride, 1] },
    padding: { string: 'VALID' },
    data_format: { string: 'NHWC' },
  };
  return differentiable<tf.Tensor4D>(
    [x],
    () => {
      const value = tf.tidy(() => runKernel('MaxPool', attributes, [padded(x)]) as tf.Tensor4D);
      return { value, saved: [x, value] };
    },
    (dy, [image, y]) => {
      // The padded copy is made again rather than kept from the forward pass.
      const dx = runKernel('MaxPoolGrad', attributes, [padded(image as tf.Tensor4D), y, dy]);
      return [padding > 0 ? dx.slice([0, padding, padding, 0], image.shape) : dx];
    },
  );
}
