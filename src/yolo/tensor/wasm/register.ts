import * as tf from '@tensorflow/tfjs';
import { filterGradient, inputGradient } from './convolutionGradients';
import { type MaxPoolAttributes, maxPoolGradient } from './maxPoolGradient';
import { segmentSum } from './segmentSum';

/** A kernel's arguments as the engine passes them: its inputs are tensors here. */
type Arguments = { inputs: Record<string, tf.Tensor>; attrs: Record<string, unknown> };

/** Kernels that training needs and the wasm backend lacks, has only slowly, or has wrong. */
const KERNELS: Readonly<Record<string, (args: Arguments) => tf.Tensor>> = {
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

let registered = false;

/** Adds the kernels to the wasm backend; a second call does nothing. */
export function registerWasmKernels(): void {
  if (registered) return;
  registered = true;
  for (const [kernelName, compute] of Object.entries(KERNELS)) {
    // The package's own kernel makes way for ours.
    if (tf.getKernel(kernelName, 'wasm')) tf.unregisterKernel(kernelName, 'wasm');
    tf.registerKernel({
      kernelName,
      backendName: 'wasm',
      kernelFunc: (args) => compute(args as unknown as Arguments),
    });
  }
}
