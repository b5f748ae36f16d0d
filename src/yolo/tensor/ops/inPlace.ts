import * as tf from '@tensorflow/tfjs';
import { changeOnGpu } from '../webgpu/changeInPlace';
import { FLOAT32, isNative, isOnGpu, runKernel, runKernelWithOutputs } from './native';

/** Whether tensors can be changed in place: by WebGPU, and on the native backend on a processor (CUDA was not tried). */
export function changesInPlace(): boolean {
  return isWebGpu() || (isNative() && !isOnGpu());
}

/** Whether WebGPU computes. */
export function isWebGpu(): boolean {
  return tf.getBackend() === 'webgpu';
}

/** The handle of a variable of TensorFlow's, one by place. */
function handleOf(place: number): tf.Tensor {
  const attributes = {
    container: { string: '' },
    // Few names: TensorFlow keeps a kernel for each.
    shared_name: { string: `yolov1/${place}` },
    dtype: FLOAT32,
    // Of no consequence: what is assigned decides.
    shape: { shape: [] },
  };
  return runKernel('VarHandleOp', attributes, []);
}

/**
 * Change tensors by one of TensorFlow's kernels for training, which work on its own variables only. No number is copied:
 * a variable gets the tensor's memory, and the tensor gets it back, or what the kernel has put in its place.
 *
 * A kernel copies what others hold as well. So ours lets go of the memory for that time; where a clone still holds it,
 * TensorFlow does copy, and the clone keeps its numbers.
 *
 * @param tensors - Float32; each another.
 * @param run - Gets a handle of TensorFlow's variable for each.
 */
export function inPlace(tensors: readonly tf.Tensor[], run: (handles: tf.Tensor[]) => void): void {
  const engine = tf.engine();
  const handles = tensors.map((tensor, place) => {
    const handle = handleOf(place);
    runKernelWithOutputs('AssignVariableOp', { dtype: FLOAT32 }, [handle, tensor], 0);
    engine.disposeTensor(tensor);
    return handle;
  });
  try {
    run(handles);
  } finally {
    tensors.forEach((tensor, place) => {
      const handle = handles[place];
      const value = runKernel('ReadVariableOp', { dtype: FLOAT32 }, [handle]);
      tensor.dataId = value.dataId;
      engine.incRef(tensor, null as never);
      // The variable would hold the memory beside ours.
      runKernelWithOutputs('DestroyResourceOp', { ignore_lookup_error: { bool: true } }, [handle], 0);
      tf.dispose([value, handle]);
    });
  }
}

/** `target += factor * change`, in place. @param change - Of the target's shape. */
export function addInPlace(target: tf.Tensor, change: tf.Tensor, factor: number): void {
  if (isWebGpu()) {
    const formula = 'old + uniforms.factor * change[index]';
    changeOnGpu(target, { formula, others: { change }, constants: { factor } });
    return;
  }
  inPlace([target], ([variable]) => {
    tf.tidy(() => {
      const options = { T: FLOAT32, use_locking: { bool: false } };
      runKernelWithOutputs(
        'ResourceApplyGradientDescent',
        options,
        [variable, tf.scalar(-factor), change],
        0,
      );
    });
  });
}

/** `average += part * (value - average)`, in place. @param value - Of the average's shape. */
export function averageInPlace(average: tf.Tensor, value: tf.Tensor, part: number): void {
  if (isWebGpu()) {
    const formula = 'old + uniforms.part * (value[index] - old)';
    changeOnGpu(average, { formula, others: { value }, constants: { part } });
  } else {
    tf.tidy(() => addInPlace(average, value.sub(average), part));
  }
}

/** A step so short that no number notices. */
const NO_STEP = 1e-30;

/**
 * `target *= factor`, in place, for a factor in (0, 1].
 *
 * @param other - Any tensor of the target's shape that does not share its memory.
 */
export function shrinkInPlace(target: tf.Tensor, factor: number, other: tf.Tensor): void {
  if (isWebGpu()) {
    changeOnGpu(target, { formula: 'old * uniforms.factor', constants: { factor } });
    return;
  }
  inPlace([target], ([variable]) => {
    tf.tidy(() => {
      // Proximal gradient descent divides by `1 + step * l2`; of its step nothing is left. Where l2 would be infinite in
      // float32, the step is longer, of which the factor leaves as little.
      const length = factor > 0 ? NO_STEP / Math.min(1, factor * 1e8) : NO_STEP;
      const [step, l1, l2] = [length, 0, (1 / factor - 1) / length].map((value) => tf.scalar(value));
      const options = { T: FLOAT32, use_locking: { bool: false } };
      runKernelWithOutputs(
        'ResourceApplyProximalGradientDescent',
        options,
        [variable, step, l1, l2, other],
        0,
      );
    });
  });
}
