import * as tf from '@tensorflow/tfjs';

/** Attributes that TensorFlow.js gives the gradient kernel of a max-pooling. */
export interface MaxPoolAttributes {
  filterSize: [number, number] | number;
  strides: [number, number] | number;
  pad: Parameters<typeof tf.backend_util.computePool2DInfo>[4];
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/**
 * Gradient of a max-pooling: each window's gradient goes to its largest value, the first of several. The wasm package's
 * own kernel takes 0 for the largest where all values are negative.
 *
 * @param dy - Gradient of the result, `[N, h, w, C]`.
 * @param x - What was pooled, `[N, H, W, C]`.
 * @returns Of the shape of `x`.
 */
export function maxPoolGradient(dy: tf.Tensor4D, x: tf.Tensor4D, attributes: MaxPoolAttributes): tf.Tensor4D {
  const { filterSize, strides, pad, dimRoundingMode } = attributes;
  const info = tf.backend_util.computePool2DInfo(x.shape, filterSize, strides, 1, pad, dimRoundingMode);
  const { strideHeight, strideWidth, filterHeight, filterWidth, padInfo } = info;
  const [pictures, height, width, channels] = x.shape;
  const values = x.dataSync();
  const incoming = dy.dataSync();
  const result = new Float32Array(values.length);
  let at = 0;
  for (let n = 0; n < pictures; n++) {
    for (let row = 0; row < info.outHeight; row++) {
      const top = row * strideHeight - padInfo.top;
      for (let column = 0; column < info.outWidth; column++) {
        const left = column * strideWidth - padInfo.left;
        for (let c = 0; c < channels; c++, at++) {
          let largest = Number.NEGATIVE_INFINITY;
          let place = -1;
          for (let i = Math.max(0, top); i < Math.min(height, top + filterHeight); i++) {
            for (let j = Math.max(0, left); j < Math.min(width, left + filterWidth); j++) {
              const candidate = ((n * height + i) * width + j) * channels + c;
              if (values[candidate] > largest) {
                largest = values[candidate];
                place = candidate;
              }
            }
          }
          if (place >= 0) result[place] += incoming[at];
        }
      }
    }
  }
  return tf.tensor4d(result, x.shape);
}
