import * as tf from '@tensorflow/tfjs';

/** A kernel's arguments as the engine passes them: its inputs are tensors here. */
export interface KernelArguments {
  readonly inputs: Readonly<Record<string, tf.Tensor>>;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly backend: unknown;
}

/**
 * Adds kernels that training needs and a backend lacks, has only slowly, or has wrong; the package's own make way.
 *
 * @param backendName - As TensorFlow.js calls it.
 * @param kernels - By the name of the operation.
 */
export function replaceKernels(
  backendName: string,
  kernels: Readonly<Record<string, (args: KernelArguments) => tf.TensorInfo>>,
): void {
  for (const [kernelName, compute] of Object.entries(kernels)) {
    if (tf.getKernel(kernelName, backendName)) tf.unregisterKernel(kernelName, backendName);
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: (args) => compute(args as unknown as KernelArguments),
    });
  }
}
