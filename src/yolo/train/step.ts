import * as tf from '@tensorflow/tfjs';
import { divisorOf, type LossValue } from '../loss/detectionLoss';
import type { Parameter } from '../model/layers/layer';
import { addInPlace, changesInPlace } from '../tensor/ops/inPlace';
import { takeData } from '../tensor/takeData';
import { globalNorm } from './gradients';

/** Gradients of an effective batch with the loss they belong to. */
export interface BatchGradients {
  /** Loss of the batch. */
  total: number;
  /** Shares of the loss by name; they add up to it. */
  parts: Record<string, number>;
  /** Gradients of the loss by parameter name; the caller disposes them. */
  gradients: Map<string, tf.Tensor>;
  /**
   * Root mean square of the micro-batches' gradient norms, each scaled to the whole batch; only where there are
   * several. Its square less the square of the whole gradient's norm tells the variance of a micro-batch's gradient.
   */
  microNorm?: number;
}

/**
 * Loss and gradients of an effective batch, computed one micro-batch after the other and summed.
 *
 * A loss that is a sum over pictures, divided by normalisers of the whole effective batch, gives what one large batch
 * would give (up to rounding), as long as no layer mixes pictures (BatchNorm on batch statistics does). Normalisers
 * that predictions decide are known, and divided by, after the last micro-batch.
 *
 * @param microBatches - Each computes its share of the loss when called.
 * @param parameters - What to differentiate with respect to.
 * @throws Error naming a parameter that the loss does not depend on.
 */
export async function accumulateGradients(
  microBatches: readonly (() => LossValue)[],
  parameters: readonly Parameter[],
): Promise<BatchGradients> {
  const names = new Map(parameters.map(({ name, variable }) => [variable.name, name]));
  const variables = parameters.map(({ variable }) => variable);
  const sum: BatchGradients = { total: 0, parts: {}, gradients: new Map() };
  const count = microBatches.length;
  let squares = 0;
  let shares = 0;
  for (const computeLoss of microBatches) {
    let parts: string[] = [];
    // The total and its parts in one tensor: from a GPU, each read is a wait of its own.
    let losses: tf.Tensor | undefined;
    const { value, grads } = tf.variableGrads(() => {
      const loss = computeLoss();
      shares += loss.divisor ?? 0;
      parts = Object.keys(loss.parts);
      losses = tf.keep(tf.stack([loss.total, ...Object.values(loss.parts)]));
      return loss.total;
    }, variables);
    value.dispose();
    try {
      const [total, ...values] = await takeData(losses!);
      sum.total += total;
      for (const [place, name] of parts.entries()) {
        sum.parts[name] = (sum.parts[name] ?? 0) + values[place];
      }
      if (count > 1) {
        squares += (count * (await globalNorm(Object.values(grads)))) ** 2;
      }
    } catch (error) {
      tf.dispose([...Object.values(grads), ...sum.gradients.values()]);
      throw error;
    }
    for (const [variable, gradient] of Object.entries(grads)) {
      const name = names.get(variable)!;
      if (!gradient) {
        throw new Error(`parameters: the loss does not depend on ${name}; train only what it depends on`);
      }
      const before = sum.gradients.get(name);
      if (!before) {
        sum.gradients.set(name, gradient);
        continue;
      }
      if (changesInPlace()) {
        addInPlace(before, gradient, 1);
      } else {
        sum.gradients.set(name, before.add(gradient));
        before.dispose();
      }
      gradient.dispose();
    }
  }
  const divisor = divisorOf(shares);
  if (divisor !== 1) divide(sum, divisor);
  return count > 1 ? { ...sum, microNorm: Math.sqrt(squares / count) / divisor } : sum;
}

function divide(sum: BatchGradients, divisor: number): void {
  sum.total /= divisor;
  for (const part of Object.keys(sum.parts)) sum.parts[part] /= divisor;
  for (const [name, gradient] of sum.gradients) {
    sum.gradients.set(
      name,
      tf.tidy(() => gradient.div(divisor)),
    );
    gradient.dispose();
  }
}
