import * as tf from '@tensorflow/tfjs';
import { FLOAT32, isOnGpu, runKernel, runKernelWithOutputs } from './native';

/**
 * Kernels of oneDNN that TensorFlow's graph compiler puts in place of its own, but its eager executor, which is all
 * that TensorFlow.js uses, does not. Called by name they need this label.
 */
export const ONE_DNN = { _kernel: { string: 'MklNameChangeOp' } } as const;

let found: boolean | undefined;

/**
 * Whether oneDNN's kernels can be called by name: on x86 processors, in the builds of TensorFlow that have them. The
 * native backend must be the current one.
 */
export function hasOneDnn(): boolean {
  found ??= !isOnGpu() && tf.tidy(tryKernels);
  return found;
}

function tryKernels(): boolean {
  const one = tf.ones([1, 1, 1, 1]);
  const image = { T: FLOAT32, strides: { ints: [1, 1, 1, 1] }, padding: { string: 'VALID' }, ...ONE_DNN };
  try {
    runKernel('_MklNativeConv2DWithBias', image, [one, one, tf.ones([1])]);
    runKernelWithOutputs('_MklNativeMaxPool', { ...image, ksize: { ints: [1, 1, 1, 1] } }, [one], 2);
    return true;
  } catch {
    return false;
  }
}
