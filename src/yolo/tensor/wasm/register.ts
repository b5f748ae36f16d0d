import type * as tf from '@tensorflow/tfjs';
import { type KernelArguments, replaceKernels } from '../replaceKernels';
import { filterGradient, inputGradient } from './convolutionGradients';
import { type MaxPoolAttributes, maxPoolGradient } from './maxPoolGradient';
import { segmentSum } from './segmentSum';

const KERNELS: Readonly<Record<string, (args: KernelArguments) => tf.Tensor>> = {
  Conv2DBackpropFilter: ({ inputs, attrs }) =>
    filterGradient(
      inputs.x as tf.Tensor4D,
      inputs.dy as tf.Tensor4D,
      attrs as unknown as Parameters<typeof filterGradient>[2],
    ),
  Conv2DBackpropInput: ({ inputs, attrs }) =>
    inputGradient(
      inputs.dy as tf.Tensor4D,
      inputs.filter as tf.Tensor4D,
      attrs as unknown as Parameters<typeof inputGradient>[2],
    ),
  MaxPoolGrad: ({ inputs, attrs }) =>
    maxPoolGradient(
      inputs.dy as tf.Tensor4D,
      inputs.input as tf.Tensor4D,
      attrs as unknown as MaxPoolAttributes,
    ),
  UnsortedSegmentSum: ({ inputs, attrs }) =>
    segmentSum(inputs.x, inputs.segmentIds, Number(attrs.numSegments)),
};

/** Adds the kernels to the wasm backend. */
export function registerWasmKernels(): void {
  replaceKernels('wasm', KERNELS);
}
