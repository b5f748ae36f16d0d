import type * as tf from '@tensorflow/tfjs';
import type { AdamStep } from '../tensor/ops/updateKernels';

/** Constants of an update of SGD with momentum. */
interface MomentumConstants {
  /** Learning rate. */
  rate: number;
  momentum: number;
  /** Nesterov's form. */
  nesterov: boolean;
}

/** SGD with momentum by operations that every backend has; the gradient stays as it is. */
export function composedMomentum(
  [variable, velocity]: readonly [tf.Variable, tf.Variable],
  gradient: tf.Tensor,
  { rate, momentum, nesterov }: MomentumConstants,
): void {
  const forward = (v: tf.Tensor) => v.mul(momentum);
  const addGradient = (v: tf.Tensor) => v.add(gradient);
  velocity.assign(chain(velocity, forward, addGradient));
  const ahead = nesterov ? [forward, addGradient] : [];
  const step = chain(velocity, ...ahead, (v) => v.mul(rate));
  variable.assign(variable.sub(step));
}

/** Adam (arXiv 1412.6980, algorithm 1) by operations that every backend has; the gradient stays as it is. */
export function composedAdam(
  [variable, mean, square]: readonly [tf.Variable, tf.Variable, tf.Variable],
  gradient: tf.Tensor,
  { step, learningRate, beta1, beta2, epsilon }: AdamStep,
): void {
  moveTowards(mean, gradient.mul(1 - beta1), beta1);
  const squared = chain(
    gradient,
    (x) => x.square(),
    (x) => x.mul(1 - beta2),
  );
  moveTowards(square, squared, beta2);
  const denominator = chain(
    square,
    (v) => v.div(1 - beta2 ** step),
    (v) => v.sqrt(),
    (v) => v.add(epsilon),
  );
  const change = chain(
    mean,
    (m) => m.mul(learningRate / (1 - beta1 ** step)),
    (m) => m.div(denominator),
  );
  denominator.dispose();
  variable.assign(variable.sub(change));
}

/** The gradient with `decay * variable` added to it. */
export function decayed(gradient: tf.Tensor, variable: tf.Variable, decay: number): tf.Tensor {
  return chain(
    variable,
    (w) => w.mul(decay),
    (w) => w.add(gradient),
  );
}

/**
 * Operations one after the other, each result freed as soon as the next is there: the largest parameter of a fully
 * connected head takes 100 MB, and so does every temporary tensor of its size.
 */
function chain(start: tf.Tensor, ...operations: ((x: tf.Tensor) => tf.Tensor)[]): tf.Tensor {
  return operations.reduce((before, operation) => {
    const after = operation(before);
    if (before !== start) before.dispose();
    return after;
  }, start);
}

/** `average = keep * average + part`; frees the part. */
function moveTowards(average: tf.Variable, part: tf.Tensor, keep: number): void {
  const next = chain(
    average,
    (value) => value.mul(keep),
    (value) => value.add(part),
  );
  part.dispose();
  average.assign(next);
}
