import * as tf from '@tensorflow/tfjs';
import { type Attributes, FLOAT32, runKernel } from './native';
import { type ConvGeometry, framed, paddedShape } from './windowGeometry';

// oneDNN, several times faster than TensorFlow's own gradient kernels on most layers, takes paddings 'VALID' and
// 'SAME', not explicit ones. Which way is fastest was measured at 448 pixels on one core of a Zen 4 processor.

/**
 * From this width on, the filter's gradient is faster from a padded copy than with padding 'SAME': 37 against 51 ms at
 * 112 x 112 x 64, but 53 against 47 ms at 14 x 14 x 512.
 */
const WIDE = 64;

/**
 * With fewer channels than this oneDNN computes a strided filter's gradient faster than TensorFlow's own kernel: 46
 * against 119 ms for the 3 channels of a picture, but 60 against 26 ms for 64 channels.
 */
const FEW_CHANNELS = 16;

/** Attributes of a native convolution, forward. */
export function convolutionAttributes({ stride, padding }: ConvGeometry): Attributes {
  if (padding === 0) return attributes(stride, 'VALID');
  const around = [0, 0, padding, padding, padding, padding, 0, 0];
  return { ...attributes(stride, 'EXPLICIT'), explicit_paddings: { ints: around } };
}

/**
 * Gradient of a native convolution with respect to its input.
 *
 * @param dy - Gradient of the result, `[N, h, w, Cout]`.
 * @param filter - `[kh, kw, Cin, Cout]`.
 * @param shape - Of the input, `[N, H, W, Cin]`.
 */
export function inputGradient(
  dy: tf.Tensor,
  filter: tf.Tensor4D,
  shape: tf.Tensor4D['shape'],
  geometry: ConvGeometry,
): tf.Tensor {
  const { stride, padding } = geometry;
  const run = (name: 'SAME' | 'VALID', size: number[]) =>
    runKernel('Conv2DBackpropInput', attributes(stride, name), [tf.tensor1d(size, 'int32'), filter, dy]);
  if (padding === 0) return run('VALID', shape);
  if (isSame(filter, geometry)) return run('SAME', shape);
  return run('VALID', paddedShape(shape, padding)).slice([0, padding, padding, 0], shape);
}

/**
 * Gradient of a native convolution with respect to its filter.
 *
 * @param x - `[N, H, W, Cin]`.
 * @param dy - Gradient of the result, `[N, h, w, Cout]`.
 * @param filter - Whose shape the result has.
 */
export function filterGradient(
  x: tf.Tensor4D,
  dy: tf.Tensor,
  filter: tf.Tensor4D,
  geometry: ConvGeometry,
): tf.Tensor {
  const { stride, padding } = geometry;
  const run = (way: Attributes, image: tf.Tensor) =>
    runKernel('Conv2DBackpropFilter', way, [image, tf.tensor1d(filter.shape, 'int32'), dy]);
  const [, , width, channels] = x.shape;
  if (padding === 0) return run(attributes(stride, 'VALID'), x);
  if (stride > 1 && channels >= FEW_CHANNELS) return run(convolutionAttributes(geometry), x);
  if (width < WIDE && isSame(filter, geometry)) return run(attributes(stride, 'SAME'), x);
  return run(attributes(stride, 'VALID'), framed(x, padding));
}

/** Whether TensorFlow's 'SAME' means this padding. */
function isSame({ shape: [height, width] }: tf.Tensor4D, { stride, padding }: ConvGeometry): boolean {
  const side = 2 * padding + 1;
  return stride === 1 && height === side && width === side;
}

function attributes(stride: number, padding: string): Attributes {
  return {
    T: FLOAT32,
    strides: { ints: [1, stride, stride, 1] },
    padding: { string: padding },
    data_format: { string: 'NHWC' },
    use_cudnn_on_gpu: { bool: true },
  };
}
