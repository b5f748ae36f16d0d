import * as tf from '@tensorflow/tfjs';
import { checkChannels } from './checks';
import { checkConvolution, paddedConvolution } from './conv2d';
import { convolutionAttributes, filterGradient, inputGradient } from './convolutionGradient';
import { differentiable } from './gradient';
import { leakyRelu, leakyReluGradient } from './leakyRelu';
import { type Attributes, FLOAT32, isNative, runKernel } from './native';
import { hasFusedConvolution, ONE_DNN } from './oneDnn';
import { relu, reluGradient } from './relu';
import type { ConvGeometry } from './windowGeometry';

/** Options of {@link convBiasActivation}. */
export interface ConvBiasActivationOptions extends ConvGeometry {
  activation: 'relu' | 'leaky' | 'none';
  /** Slope of `leaky` below 0. */
  alpha: number;
  /** Constant `[Cout]` that multiplies the filter; default none. */
  scale?: tf.Tensor1D;
  /** Added before the activation, of the result's shape; differentiable; default none. */
  addend?: tf.Tensor4D;
}

/**
 * `activation(convolution(x, scale * filter) + bias + addend)` in one, differentiable in `x`, `filter`, `bias` and
 * `addend`. What a convolution with a folded or frozen BatchNorm is; only the result is kept for the backward pass.
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
  const { activation, alpha, scale, addend } = options;
  checkConvolution('convBiasActivation', x, filter, options);
  checkChannels('convBiasActivation', 'bias', bias, filter.shape[3]);
  if (scale) checkChannels('convBiasActivation', 'scale', scale, filter.shape[3]);
  if (addend) checkAddend(addend, resultShape(x, filter, options));
  if (!isNative()) {
    return tf.tidy(() => {
      const biased = paddedConvolution(x, scaled(filter, scale), options).add(bias) as tf.Tensor4D;
      const y = addend ? biased.add(addend) : biased;
      return activation === 'relu' ? relu(y) : activation === 'leaky' ? leakyRelu(y, alpha) : y;
    }) as tf.Tensor4D;
  }
  const { shape } = x;
  return differentiable<tf.Tensor4D>(
    [x, bias, ...(addend ? [addend] : []), filter],
    () => {
      const run = hasFusedConvolution() ? fused : inSteps;
      const value = tf.tidy(() => run(x, scaled(filter, scale), bias, options) as tf.Tensor4D);
      return {
        value,
        saved: [x, filter, ...(scale ? [scale] : []), ...(activation === 'none' ? [] : [value])],
        activations: [x, value],
      };
    },
    (dy, saved, hold) => {
      const [image, weights, ...more] = saved as tf.Tensor4D[];
      const factor = scale && (more[0] as tf.Tensor as tf.Tensor1D);
      const y = more[more.length - 1];
      const before =
        activation === 'none'
          ? dy
          : hold(activation === 'relu' ? reluGradient(dy, y) : leakyReluGradient(dy, y, alpha));
      return [
        () => inputGradient(before, scaled(weights, factor), shape, options),
        () => runKernel('BiasAddGrad', BIAS, [before]),
        ...(addend ? [() => before.clone()] : []),
        () => scaled(filterGradient(image, before, weights, options), factor),
      ];
    },
  );
}

function resultShape(x: tf.Tensor4D, filter: tf.Tensor4D, { stride, padding }: ConvGeometry): number[] {
  const side = (axis: 0 | 1) =>
    Math.floor((x.shape[axis + 1] + 2 * padding - filter.shape[axis]) / stride) + 1;
  return [x.shape[0], side(0), side(1), filter.shape[3]];
}

function checkAddend(addend: tf.Tensor, shape: number[]): void {
  if (String(addend.shape) !== String(shape)) {
    throw new Error(
      `convBiasActivation: addend has shape [${addend.shape}], expected that of the result, [${shape}]`,
    );
  }
}

const BIAS = { T: FLOAT32, data_format: { string: 'NHWC' } } as const;

/** The product is a tensor of its own rather than kept for the backward pass: it is cheap, and as large as the filter. */
function scaled<T extends tf.Tensor>(filter: T, scale: tf.Tensor1D | undefined): T {
  return scale ? filter.mul(scale) : filter;
}

/** All in one pass over the result. */
function fused(
  x: tf.Tensor,
  filter: tf.Tensor,
  bias: tf.Tensor,
  options: ConvBiasActivationOptions,
): tf.Tensor {
  const { activation, alpha, addend } = options;
  const operands = addend ? [bias, addend] : [bias];
  const after = { relu: ['Relu'], leaky: ['LeakyRelu'], none: [] }[activation];
  const attributes: Attributes = {
    ...convolutionAttributes(options),
    ...ONE_DNN,
    num_args: { int: operands.length },
    TArgs: { types: operands.map(() => FLOAT32.type) },
    fused_ops: { strings: ['BiasAdd', ...(addend ? ['Add'] : []), ...after] },
    leakyrelu_alpha: { float: alpha },
  };
  return runKernel('_MklNativeFusedConv2D', attributes, [x, filter, ...operands]);
}

/** The same by kernels that every build of TensorFlow has. */
function inSteps(
  x: tf.Tensor,
  filter: tf.Tensor,
  bias: tf.Tensor,
  options: ConvBiasActivationOptions,
): tf.Tensor {
  const { activation, alpha, addend } = options;
  const then = (before: tf.Tensor, name: string, attributes: Attributes, operands: tf.Tensor[]) => {
    const result = runKernel(name, attributes, [before, ...operands]);
    before.dispose();
    return result;
  };
  const convolved = runKernel('Conv2D', convolutionAttributes(options), [x, filter]);
  const biased = then(convolved, 'BiasAdd', BIAS, [bias]);
  const sum = addend ? then(biased, 'AddV2', { T: FLOAT32 }, [addend]) : biased;
  if (activation === 'none') return sum;
  return activation === 'relu'
    ? then(sum, 'Relu', { T: FLOAT32 }, [])
    : then(sum, 'LeakyRelu', { T: FLOAT32, alpha: { float: alpha } }, []);
}
