import * as tf from '@tensorflow/tfjs';
import { checkChannels } from './checks';
import {
  type ConvGeometry,
  checkConvolution,
  convolutionAttributes,
  convolutionGradients,
  paddedConvolution,
} from './conv2d';
import { differentiable } from './gradient';
import { leakyRelu, leakyReluGradient } from './leakyRelu';
import { FLOAT32, isNative, runKernel } from './native';
import { relu, reluGradient } from './relu';

/** Options of {@link convBiasActivation}. */
export interface ConvBiasActivationOptions extends ConvGeometry {
  activation: 'relu' | 'leaky' | 'none';
  /** Slope of `leaky` below 0. */
  alpha: number;
}

/**
 * Convolution, bias and activation in one, differentiable in `x`, `filter`, `bias`. What a convolution with a folded
 * or frozen BatchNorm is; only the result is kept for the backward pass.
 *
 * @param x - `[N, H, W, Cin]`, float32.
 * @param filter - `[kh, kw, Cin, Cout]`.
 * @param bias - `[Cout]`.
 * @throws Error for shapes that don't fit.
 */
export function convBiasActivation(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  bias: tf.Tensor1D,
  options: ConvBiasActivationOptions,
): tf.Tensor4D {
  const { activation, alpha } = options;
  checkConvolution('convBiasActivation', x, filter, options);
  checkChannels('convBiasActivation', 'bias', bias, filter.shape[3]);
  if (!isNative()) {
    return tf.tidy(() => {
      const y = paddedConvolution(x, filter, options).add(bias) as tf.Tensor4D;
      return activation === 'relu' ? relu(y) : activation === 'leaky' ? leakyRelu(y, alpha) : y;
    });
  }
  const attributes = convolutionAttributes(options);
  return differentiable<tf.Tensor4D>(
    [x, filter, bias],
    () => {
      const value = tf.tidy(() => {
        const convolved = runKernel('Conv2D', attributes, [x, filter]);
        const biased = runKernel('BiasAdd', BIAS, [convolved, bias]);
        convolved.dispose();
        if (activation === 'none') {
          return biased;
        }
        return activation === 'relu'
          ? runKernel('Relu', { T: FLOAT32 }, [biased])
          : runKernel('LeakyRelu', { T: FLOAT32, alpha: { float: alpha } }, [biased]);
      }) as tf.Tensor4D;
      return { value, saved: activation === 'none' ? [x, filter] : [x, filter, value] };
    },
    (dy, [image, weights, y]) => {
      const before =
        activation === 'none'
          ? dy
          : activation === 'relu'
            ? reluGradient(dy, y)
            : leakyReluGradient(dy, y, alpha);
      return [
        ...convolutionGradients(attributes, before, image, weights),
        runKernel('BiasAddGrad', BIAS, [before]),
      ];
    },
  );
}

const BIAS = { T: FLOAT32, data_format: { string: 'NHWC' } } as const;
