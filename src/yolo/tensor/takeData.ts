import * as tf from '@tensorflow/tfjs';

/**
 * The numbers of a tensor that is needed no longer. It is read asynchronously, since WebGPU can't do otherwise in Node,
 * and freed even if that fails.
 */
export async function takeData(tensor: tf.Tensor): Promise<Float32Array> {
  try {
    return await tensor.data<'float32'>();
  } finally {
    tensor.dispose();
  }
}

/** Whether tensors can be read in the middle of a computation, with `dataSync`. */
export function readsAtOnce(): boolean {
  return tf.getBackend() !== 'webgpu';
}
