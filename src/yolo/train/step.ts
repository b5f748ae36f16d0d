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
 * @param parameters - What to differentiate with respect to; the loss depends on one of them at least.
 * @returns Without gradients of parameters that the loss does not depend on, such as those of a frozen BatchNorm.
 */
export async function accumulateGradients(
  microBatches: readonly (() => LossValue)[],
  parameters: readonly Parameter[],
): Promise<BatchGradients> {
  const sum: BatchGradients = { total: 0, parts: {}, gradients: new Map() };
  const count = microBatches.length;
  let squares = 0;
  let shares = 0;
  try {
    for (const computeLoss of microBatches) {
      const pass = await gradientsOf(computeLoss, parameters);
      sum.total += pass.total;
      shares += pass.divisor;
      for (const [name, part] of Object.entries(pass.parts)) sum.parts[name] = (sum.parts[name] ?? 0) + part;
      try {
        if (count > 1) squares += (count * (await globalNorm([...pass.gradients.values()]))) ** 2;
      } finally {
        addGradients(sum.gradients, pass.gradients);
      }
    }
  } catch (error) {
    tf.dispose([...sum.gradients.values()]);
    throw error;
  }
  const divisor = divisorOf(shares);
  if (divisor !== 1) divide(sum, divisor);
  return count > 1 ? { ...sum, microNorm: Math.sqrt(squares / count) / divisor } : sum;
}

/** Loss and gradients of one pass; where it fails, nothing is left of it. */
async function gradientsOf(computeLoss: () => LossValue, parameters: readonly Parameter[]) {
  let parts: string[] = [];
  let divisor = 0;
  // The total and its parts in one tensor: from a GPU, each read is a wait of its own.
  let losses: tf.Tensor | undefined;
  let grads: tf.NamedTensorMap = {};
  try {
    const computed = tf.variableGrads(
      () => {
        const loss = computeLoss();
        divisor = loss.divisor ?? 0;
        parts = Object.keys(loss.parts);
        losses = tf.keep(tf.stack([loss.total, ...Object.values(loss.parts)]));
        return loss.total;
      },
      parameters.map(({ variable }) => variable),
    );
    computed.value.dispose();
    grads = computed.grads;
    const [total, ...values] = await takeData(losses!);
    return {
      total,
      parts: Object.fromEntries(parts.map((name, place) => [name, values[place]])),
      divisor,
      gradients: new Map(
        parameters
          .filter(({ variable }) => variable.name in grads)
          .map(({ name, variable }) => [name, grads[variable.name]]),
      ),
    };
  } catch (error) {
    // TensorFlow.js leaves behind what a broken forward pass has saved for its gradients.
    const { state } = tf.engine();
    const saved = (state.activeTape ?? []).flatMap((node) => node.saved ?? []);
    state.activeTape = null as never;
    tf.dispose([...saved, ...(losses ? [losses] : []), ...Object.values(grads)]);
    throw error;
  }
}

/** Adds gradients to a sum, which takes their tensors over. */
function addGradients(sum: Map<string, tf.Tensor>, gradients: ReadonlyMap<string, tf.Tensor>): void {
  for (const [name, gradient] of gradients) {
    const before = sum.get(name);
    if (!before) {
      sum.set(name, gradient);
      continue;
    }
    if (changesInPlace()) {
      addInPlace(before, gradient, 1);
    } else {
      sum.set(name, before.add(gradient));
      before.dispose();
    }
    gradient.dispose();
  }
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
