import * as tf from '@tensorflow/tfjs';
import { checkTensor, checkWhole } from './checks';
import { convolutionAttributes, filterGradient, inputGradient } from './convolutionGradient';
import { differentiable } from './gradient';
import { isNative, runKernel } from './native';
import { type ConvGeometry, framed } from './windowGeometry';

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
  const { shape } = x;
  return differentiable<tf.Tensor4D>(
    [x, filter],
    () => {
      const value = runKernel('Conv2D', convolutionAttributes(geometry), [x, filter]) as tf.Tensor4D;
      return { value, saved: [x, filter], activations: [x] };
    },
    (dy, saved) => {
      const [image, weights] = saved as tf.Tensor4D[];
      return [
        () => inputGradient(dy, weights, shape, geometry),
        () => filterGradient(image, dy, weights, geometry),
      ];
    },
  );
}

/** Convolution from plain operations, for backends without TensorFlow's kernels. */
export function paddedConvolution(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  { stride, padding }: ConvGeometry,
): tf.Tensor4D {
  return tf.tidy(() => tf.conv2d(framed(x, padding), filter, stride, 'valid'));
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
