import * as tf from '@tensorflow/tfjs';
import { FLOAT32, isNative, isOnGpu, runKernel, runKernelWithOutputs } from './native';

/** Constants of one Adam step, of arXiv 1412.6980; epsilon is added to the root of the corrected square, as there. */
export interface AdamStep {
  /** Steps done with this one, from 1. */
  step: number;
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
}

/** Whether {@link AdamKernel} can be used: on the native backend, on a processor (on a GPU it has not been tried). */
export function hasAdamKernel(): boolean {
  return isNative() && !isOnGpu();
}

/** The constants as the kernel takes them; the caller disposes them. */
export function adamScalars({ step, learningRate, beta1, beta2, epsilon }: AdamStep): tf.Scalar[] {
  // TensorFlow adds epsilon to the root of the square before its correction.
  const hat = epsilon * Math.sqrt(1 - beta2 ** step);
  return [beta1 ** step, beta2 ** step, learningRate, beta1, beta2, hat].map((value) => tf.scalar(value));
}

/**
 * TensorFlow's own Adam update of one parameter: everything in one pass through memory, where the same from elementwise
 * operations takes fifteen.
 *
 * The kernel works on TensorFlow's variables, ours are tensors. So each of the three has a counterpart there that holds
 * the same memory, and is given ours anew when that was changed by others.
 */
export class AdamKernel {
  private readonly counterparts: readonly Counterpart[];

  /** @param variables - The parameter, its mean and its mean square; they stay the caller's. */
  constructor(...variables: [parameter: tf.Variable, mean: tf.Variable, square: tf.Variable]) {
    this.counterparts = variables.map((variable) => new Counterpart(variable));
  }

  /** @param scalars - Of {@link adamScalars}. */
  apply(gradient: tf.Tensor, scalars: readonly tf.Scalar[]): void {
    const handles = this.counterparts.map((counterpart) => counterpart.current());
    const options = { T: FLOAT32, use_locking: { bool: false }, use_nesterov: { bool: false } };
    runKernelWithOutputs('ResourceApplyAdam', options, [...handles, ...scalars, gradient], 0);
    for (const counterpart of this.counterparts) counterpart.readBack();
  }

  dispose(): void {
    for (const counterpart of this.counterparts) counterpart.dispose();
  }
}

let created = 0;

/** A variable of TensorFlow's that follows one of ours. */
class Counterpart {
  private readonly handle: tf.Tensor;
  /** The memory that both hold. */
  private shared?: object;

  constructor(private readonly variable: tf.Variable) {
    const attributes = {
      container: { string: '' },
      shared_name: { string: `yolov1/${++created}` },
      dtype: FLOAT32,
      shape: { shape: variable.shape },
    };
    this.handle = tf.keep(runKernel('VarHandleOp', attributes, []));
  }

  /** The handle of a variable that has our variable's value. */
  current(): tf.Tensor {
    if (this.shared !== this.variable.dataId) {
      runKernelWithOutputs('AssignVariableOp', { dtype: FLOAT32 }, [this.handle, this.variable], 0);
      this.shared = this.variable.dataId;
    }
    return this.handle;
  }

  /** Gives our variable the value that TensorFlow's has now; no number is copied. */
  readBack(): void {
    const value = runKernel('ReadVariableOp', { dtype: FLOAT32 }, [this.handle]);
    this.variable.assign(value);
    value.dispose();
    this.shared = this.variable.dataId;
  }

  dispose(): void {
    runKernelWithOutputs('DestroyResourceOp', { ignore_lookup_error: { bool: true } }, [this.handle], 0);
    this.handle.dispose();
  }
}
