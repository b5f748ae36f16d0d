import * as tf from '@tensorflow/tfjs';
import { type Attributes, FLOAT32, isOnGpu, runKernelWithOutputs } from './native';

/**
 * Kernels of oneDNN that TensorFlow's graph compiler puts in place of its own, but its eager executor, which is all
 * that TensorFlow.js uses, does not. Called by name they need this label.
 */
export const ONE_DNN = { _kernel: { string: 'MklNameChangeOp' } } as const;

/**
 * Whether oneDNN's pooling can be called by name: on x86 processors, in the builds of TensorFlow that have it. The
 * native backend must be the current one.
 */
export const hasOneDnnPooling = once(() => {
  const attributes = { ...WINDOW, ksize: { ints: [1, 1, 1, 1] } };
  return runs('_MklNativeMaxPool', attributes, (one) => [one], 2);
});

/**
 * Whether oneDNN's fused convolution can be called by name: as {@link hasOneDnnPooling}, and it takes lists of strings
 * and types, which tfjs-node's own addon can't pass (ours can, see `addonPatch.ts`).
 */
export const hasFusedConvolution = once(() => {
  const fusion: Attributes = {
    ...WINDOW,
    num_args: { int: 1 },
    TArgs: { types: [FLOAT32.type] },
    fused_ops: { strings: ['BiasAdd'] },
  };
  return runs('_MklNativeFusedConv2D', fusion, (one) => [one, one, one.flatten()], 1);
});

const WINDOW = {
  T: FLOAT32,
  strides: { ints: [1, 1, 1, 1] },
  padding: { string: 'VALID' },
  ...ONE_DNN,
} as const;

function once(find: () => boolean): () => boolean {
  let found: boolean | undefined;
  return () => {
    found ??= find();
    return found;
  };
}

function runs(
  kernel: string,
  attributes: Attributes,
  inputs: (one: tf.Tensor) => tf.Tensor[],
  outputs: number,
): boolean {
  if (isOnGpu()) return false;
  return tf.tidy(() => {
    try {
      runKernelWithOutputs(kernel, attributes, inputs(tf.ones([1, 1, 1, 1])), outputs);
      return true;
    } catch {
      return false;
    }
  });
}
