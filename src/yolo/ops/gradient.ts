import * as tf from '@tensorflow/tfjs';

/** Result of an operation's forward pass. */
export interface Forward<T extends tf.Tensor> {
  value: T;
  /** What the backward pass needs; references are kept until it has run. */
  saved: tf.Tensor[];
}

/**
 * An operation with its own gradient, that holds as little memory as it can.
 *
 * TensorFlow.js frees what a backward pass used only when the whole pass is over. Here an operation's saved tensors and
 * the gradient that came in are freed as soon as its own gradients are computed, which no one can need after that: an
 * output's gradient is read once, by the operation that made it. Training then holds each activation and each gradient
 * only as long as PyTorch would.
 *
 * @param inputs - What the operation is differentiable in.
 * @param forward - Computes the value.
 * @param backward - From the value's gradient and the saved tensors, the gradient of each input.
 */
export function differentiable<T extends tf.Tensor>(
  inputs: tf.Tensor[],
  forward: () => Forward<T>,
  backward: (dy: T, saved: tf.Tensor[]) => tf.Tensor[],
): T {
  const operation = tf.customGrad((...parameters) => {
    const save = parameters.at(-1) as unknown as tf.GradSaveFunc;
    const { value, saved } = forward();
    save(saved);
    return {
      value,
      gradFunc: (dy: tf.Tensor, kept: tf.Tensor[]) => {
        const gradients = tf.tidy(() => backward(dy as T, kept));
        tf.dispose([dy, ...kept]);
        return gradients;
      },
    };
  });
  return operation(...inputs) as T;
}
