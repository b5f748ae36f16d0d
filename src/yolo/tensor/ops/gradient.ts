import * as tf from '@tensorflow/tfjs';
import { isKeepingHalfBits, keptInHalfBits, unpacked } from './halfBits';

/** Result of an operation's forward pass. */
export interface Forward<T extends tf.Tensor> {
  value: T;
  /** What the backward pass needs; references are kept until it has run. */
  saved: tf.Tensor[];
  /** Which of these are activations: they may be kept in 16 bits. Default none. */
  activations?: readonly tf.Tensor[];
}

/** Marks a tensor that the backward pass made for itself: it is freed together with what was saved. */
export type Hold = (made: tf.Tensor) => tf.Tensor;

/** What `tf.customGrad` calls; unlike it, this computes the gradient of an input only if someone asks for it. */
interface Engine {
  isTapeOn(): boolean;
  runKernelFunc<T extends tf.Tensor>(operation: {
    inputs: Record<number, tf.Tensor>;
    forwardFunc: (backend: unknown, save: tf.GradSaveFunc) => T;
    backwardsFunc: (dy: T, saved: tf.Tensor[]) => Record<number, () => tf.Tensor>;
  }): T;
}

/** Whether what is computed now may be differentiated later. */
export function isRecording(): boolean {
  return engine().isTapeOn();
}

/**
 * An operation with its own gradient, that computes no more and holds no more than it must.
 *
 * TensorFlow.js frees what a backward pass used only when the whole pass is over. Here an operation's saved tensors and
 * the gradient that came in are freed as soon as the gradient of the last input has been computed: no one can need them
 * after that, because an output's gradient is read once, by the operation that made it. Training then holds each
 * activation and each gradient only as long as PyTorch would. (If the last input needs no gradient, they are freed with
 * everything else.)
 *
 * @param inputs - What the operation is differentiable in; the likeliest to be trained comes last.
 * @param forward - Computes the value.
 * @param backward - From the value's gradient and the saved tensors, how to compute the gradient of each input. The
 *   gradients are asked for in the order of the inputs; those of inputs that nothing trained leads to, never.
 */
export function differentiable<T extends tf.Tensor>(
  inputs: tf.Tensor[],
  forward: () => Forward<T>,
  backward: (dy: T, saved: tf.Tensor[], hold: Hold) => (() => tf.Tensor)[],
): T {
  const packs = isRecording() && isKeepingHalfBits();
  let places: number[] = [];
  return engine().runKernelFunc<T>({
    inputs: { ...inputs },
    forwardFunc: (_, save) => {
      const { value, saved, activations = [] } = forward();
      if (packs) places = saved.flatMap((tensor, place) => (activations.includes(tensor) ? place : []));
      save(saved.map((tensor, place) => (places.includes(place) ? keptInHalfBits(tensor) : tensor)));
      return value;
    },
    backwardsFunc: (dy, saved) => {
      for (const place of places) {
        const kept = saved[place];
        saved[place] = tf.keep(unpacked(kept));
        kept.dispose();
      }
      const spent = [...saved];
      // A gradient that the caller of the whole pass gave is the caller's, not ours to free.
      if (dy.scopeId === tf.engine().state.activeScope.id) spent.push(dy);
      const gradients = backward(dy, saved, (made) => {
        spent.push(made);
        return made;
      });
      const last = gradients.length - 1;
      const compute = gradients.map((gradient, i) => () => {
        const result = gradient();
        if (i === last) tf.dispose(spent);
        return result;
      });
      return { ...compute };
    },
  });
}

function engine(): Engine {
  return tf.engine() as unknown as Engine;
}
