import * as tf from '@tensorflow/tfjs';
import { checkTensor, checkWhole } from './checks';
import { differentiable, isRecording } from './gradient';
import { type Attributes, FLOAT32, isNative, runKernel, runKernelWithOutputs } from './native';
import { hasOneDnnPooling, ONE_DNN } from './oneDnn';
import { type ConvGeometry, framed, paddedShape } from './windowGeometry';

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
 * @throws Error for another rank or type, a padding of more than half the window, or a window larger than the padded
 *   input.
 */
export function maxPool(x: tf.Tensor4D, geometry: PoolGeometry): tf.Tensor4D {
  checkPool(x, geometry);
  const { size, stride, padding } = geometry;
  if (!isNative()) {
    return tf.tidy(() => tf.maxPool(framed(x, padding, LOWEST), size, stride, 'valid'));
  }
  const attributes = {
    T: FLOAT32,
    ksize: { ints: [1, size, size, 1] },
    strides: { ints: [1, stride, stride, 1] },
    padding: { string: 'VALID' },
    data_format: { string: 'NHWC' },
  };
  if (padding > 0 && !isRecording()) {
    // Only the backward passes need a padded copy.
    const sides = { ints: [0, 0, padding, padding, padding, padding, 0, 0] };
    const explicit = { ...attributes, padding: { string: 'EXPLICIT' }, explicit_paddings: sides };
    return runKernel('MaxPool', explicit, [x]) as tf.Tensor4D;
  }
  return hasOneDnnPooling() ? withPlaces(x, padding, attributes) : withComparison(x, padding, attributes);
}

/** Pooling by TensorFlow's own kernels: the backward pass searches the windows again. */
function withComparison(x: tf.Tensor4D, padding: number, attributes: Attributes): tf.Tensor4D {
  return differentiable<tf.Tensor4D>(
    [x],
    () => {
      const value = tf.tidy(() => runKernel('MaxPool', attributes, [framed(x, padding, LOWEST)]));
      return { value: value as tf.Tensor4D, saved: [x, value] };
    },
    (dy, [image, y]) => [
      () => {
        // The padded copy is made again rather than kept from the forward pass.
        const dx = runKernel('MaxPoolGrad', attributes, [
          framed(image as tf.Tensor4D, padding, LOWEST),
          y,
          dy,
        ]);
        return withoutFrame(dx, padding, x.shape);
      },
    ],
  );
}

/** Pooling by oneDNN, which notes the place of each largest value, a byte each: a 20 times faster backward pass. */
function withPlaces(x: tf.Tensor4D, padding: number, plain: Attributes): tf.Tensor4D {
  const attributes = { ...plain, ...ONE_DNN, workspace_enabled: { bool: true } };
  const { shape } = x;
  return differentiable<tf.Tensor4D>(
    [x],
    () => {
      const [value, places] = runKernelWithOutputs(
        '_MklNativeMaxPool',
        attributes,
        [framed(x, padding, LOWEST)],
        2,
      );
      return { value: value as tf.Tensor4D, saved: [places] };
    },
    (dy, [places]) => [
      () => {
        // Of input and output the kernel reads the shapes only: memory that is never touched costs nothing.
        const size = tf.tensor1d(paddedShape(shape, padding), 'int32');
        const input = runKernel('Empty', { dtype: FLOAT32, init: { bool: false } }, [size]);
        const dx = runKernel('_MklNativeMaxPoolGrad', attributes, [input, dy, dy, places]);
        return withoutFrame(dx, padding, shape);
      },
    ],
  );
}

function withoutFrame(x: tf.Tensor, padding: number, shape: tf.Tensor4D['shape']): tf.Tensor {
  return padding > 0 ? x.slice([0, padding, padding, 0], shape) : x;
}

function checkPool(x: tf.Tensor4D, { size, stride, padding }: PoolGeometry): void {
  checkTensor('maxPool', 'x', x, 4);
  checkWhole('maxPool', 'size', size, 1);
  checkWhole('maxPool', 'stride', stride, 1);
  checkWhole('maxPool', 'padding', padding, 0);
  if (2 * padding > size) {
    throw new Error(`maxPool: padding is ${padding}, expected at most half the window of ${size}`);
  }
  if (Math.min(x.shape[1], x.shape[2]) + 2 * padding < size) {
    throw new Error(`maxPool: x [${x.shape}] padded by ${padding} is smaller than the window of ${size}`);
  }
}
