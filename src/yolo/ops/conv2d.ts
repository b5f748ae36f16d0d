import * as tf from '@tensorflow/tfjs';
import { checkTensor, checkWhole } from './checks';
import { differentiable } from './gradient';
import { type Attributes, FLOAT32, isNative, runKernel } from './native';

/** Geometry of a convolution or pooling. */
export interface ConvGeometry {
  /** Step of the window on both axes, in pixels. */
  stride: number;
  /** Zeros on every side, in pixels: PyTorch's `padding`. ("same" pads strided layers at the end only.) */
  padding: number;
}

/**
 * Two-dimensional convolution (correlation, as in every deep learning library), differentiable in both arguments.
 *
 * @param x - `[N, H, W, Cin]`, float32.
 * @param filter - `[kh, kw, Cin, Cout]`, float32.
 * @returns `[N, floor((H + 2 padding - kh) / stride) + 1, ..., Cout]`; the caller disposes it.
 * @throws Error for another rank or type, channels that don't fit, or a window larger than the padded input.
 */
export function conv2d(x: tf.Tensor4D, filter: tf.Tensor4D, geometry: ConvGeometry): tf.Tensor4D {
  checkConvolution('conv2d', x, filter, geometry);
  if (!isNative()) {
    return paddedConvolution(x, filter, geometry);
  }
  const attributes = convolutionAttributes(geometry);
  return differentiable<tf.Tensor4D>(
    [x, filter],
    () => ({ value: runKernel('Conv2D', attributes, [x, filter]) as tf.Tensor4D, saved: [x, filter] }),
    (dy, saved) => convolutionGradients(attributes, dy, saved[0], saved[1]),
  );
}

/** Gradients of a native convolution with respect to its input and its filter. */
export function convolutionGradients(
  attributes: Attributes,
  dy: tf.Tensor,
  x: tf.Tensor,
  filter: tf.Tensor,
): [tf.Tensor, tf.Tensor] {
  const shape = (of: tf.Tensor) => tf.tensor1d(of.shape, 'int32');
  return [
    runKernel('Conv2DBackpropInput', attributes, [shape(x), filter, dy]),
    runKernel('Conv2DBackpropFilter', attributes, [x, shape(filter), dy]),
  ];
}

/** Attributes of TensorFlow's convolution kernels, forward and backward. */
export function convolutionAttributes({ stride, padding }: ConvGeometry): Attributes {
  const explicit = padding > 0;
  return {
    T: FLOAT32,
    strides: { ints: [1, stride, stride, 1] },
    padding: { string: explicit ? 'EXPLICIT' : 'VALID' },
    ...(explicit ? { explicit_paddings: { ints: [0, 0, padding, padding, padding, padding, 0, 0] } } : {}),
    data_format: { string: 'NHWC' },
    use_cudnn_on_gpu: { bool: true },
  };
}

/** Convolution from plain operations, for backends without TensorFlow's kernels. */
export function paddedConvolution(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  { stride, padding }: ConvGeometry,
): tf.Tensor4D {
  return tf.tidy(() => {
    const around: [number, number] = [padding, padding];
    const padded = padding > 0 ? tf.pad(x, [[0, 0], around, around, [0, 0]]) : x;
    return tf.conv2d(padded as tf.Tensor4D, filter, stride, 'valid');
  });
}

/** @throws Error naming `op` and the argument that does not fit. */
export function checkConvolution(
  op: string,
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  { stride, padding }: ConvGeometry,
): void {
  checkTensor(op, 'x', x, 4);
  checkTensor(op, 'filter', filter, 4);
  checkWhole(op, 'stride', stride, 1);
  checkWhole(op, 'padding', padding, 0);
  const [kh, kw, channels] = filter.shape;
  if (x.shape[3] !== channels) {
    throw new Error(`${op}: x has ${x.shape[3]} channels, filter [${filter.shape}] expects ${channels}`);
  }
  if (x.shape[1] + 2 * padding < kh || x.shape[2] + 2 * padding < kw) {
    throw new Error(`${op}: x [${x.shape}] padded by ${padding} is smaller than the window ${kh} x ${kw}`);
  }
}
