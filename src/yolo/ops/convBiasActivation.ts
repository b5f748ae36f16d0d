import * as tf from '@tensorflow/tfjs';
import { checkChannels } from './checks';
import { checkConvolution, paddedConvolution } from './conv2d';
import { convolutionAttributes, filterGradient, inputGradient } from './convolutionGradient';
import { differentiable } from './gradient';
import { leakyRelu, leakyReluGradient } from './leakyRelu';
import { FLOAT32, isNative, runKernel } from './native';
import { hasOneDnn, ONE_DNN } from './oneDnn';
import { relu, reluGradient } from './relu';
import type { ConvGeometry } from './windowGeometry';

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
  const { shape } = x;
  return differentiable<tf.Tensor4D>(
    [x, bias, filter],
    () => {
      const value = tf.tidy(() => activate(withBias(x, filter, bias, options), options));
      return { value, saved: activation === 'none' ? [x, filter] : [x, filter, value] };
    },
    (dy, saved, hold) => {
      const [image, weights, y] = saved as tf.Tensor4D[];
      const before =
        activation === 'none'
          ? dy
          : hold(activation === 'relu' ? reluGradient(dy, y) : leakyReluGradient(dy, y, alpha));
      return [
        () => inputGradient(before, weights, shape, options),
        () => runKernel('BiasAddGrad', BIAS, [before]),
        () => filterGradient(image, before, weights, options),
      ];
    },
  );
}

const BIAS = { T: FLOAT32, data_format: { string: 'NHWC' } } as const;

function withBias(x: tf.Tensor, filter: tf.Tensor, bias: tf.Tensor, geometry: ConvGeometry): tf.Tensor {
  const attributes = convolutionAttributes(geometry);
  if (hasOneDnn()) {
    return runKernel('_MklNativeConv2DWithBias', { ...attributes, ...ONE_DNN }, [x, filter, bias]);
  }
  const convolved = runKernel('Conv2D', attributes, [x, filter]);
  const biased = runKernel('BiasAdd', BIAS, [convolved, bias]);
  convolved.dispose();
  return biased;
}

function activate(x: tf.Tensor, { activation, alpha }: ConvBiasActivationOptions): tf.Tensor4D {
  const y =
    activation === 'none'
      ? x
      : activation === 'relu'
        ? runKernel('Relu', { T: FLOAT32 }, [x])
        : runKernel('LeakyRelu', { T: FLOAT32, alpha: { float: alpha } }, [x]);
  return y as tf.Tensor4D;
}
