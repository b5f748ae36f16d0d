import * as tf from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { KernelArguments } from '../replaceKernels';

/**
 * The sum of any number of tensors, in the package's own kernel, which gives the device all of them at once: no device
 * need take more than eight (WebGPU's `maxStorageBuffersPerShaderStage`), and gradients of a ResNet18 are 64.
 */
export function addInGroups(): (args: KernelArguments) => tf.TensorInfo {
  const own = tf.getKernel('AddN', 'webgpu').kernelFunc as unknown as (args: object) => tf.TensorInfo;
  return ({ inputs, attrs, backend }) => {
    const gpu = backend as WebGPUBackend;
    // One of them takes the result.
    const most = gpu.device.limits.maxStorageBuffersPerShaderStage - 1;
    const [first, ...rest] = Object.values(inputs);
    let sum: tf.TensorInfo | undefined;
    for (let start = 0; !sum || start < rest.length; start += most - 1) {
      const group = [sum ?? first, ...rest.slice(start, start + most - 1)];
      const next = own({ inputs: group, attrs, backend });
      if (sum) gpu.disposeData(sum.dataId);
      sum = next;
    }
    return sum;
  };
}
