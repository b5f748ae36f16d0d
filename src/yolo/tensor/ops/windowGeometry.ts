import * as tf from '@tensorflow/tfjs';

/** Geometry of a convolution or pooling. */
export interface ConvGeometry {
  /** Step of the window on both axes, in pixels. */
  stride: number;
  /** Zeros on every side, in pixels: PyTorch's `padding`. ("same" pads strided layers at the end only.) */
  padding: number;
}

/** `[N, H + 2 padding, W + 2 padding, C]`. */
export function paddedShape(
  [pictures, height, width, channels]: tf.Tensor4D['shape'],
  padding: number,
): tf.Tensor4D['shape'] {
  return [pictures, height + 2 * padding, width + 2 * padding, channels];
}

/**
 * A copy with a frame around every picture; `x` itself if `padding` is 0.
 *
 * @param padding - Width of the frame, in pixels.
 * @param value - In the frame; default 0.
 */
export function framed(x: tf.Tensor4D, padding: number, value = 0): tf.Tensor4D {
  if (padding === 0) return x;
  const around: [number, number] = [padding, padding];
  return tf.pad(x, [[0, 0], around, around, [0, 0]], value) as tf.Tensor4D;
}
