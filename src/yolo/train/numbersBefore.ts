import * as tf from '@tensorflow/tfjs';
import type { Predictions } from '../model/detector';
import { readsAtOnce, takeData } from '../tensor/takeData';

/**
 * The predictions' numbers for a loss that reads them, on a backend that can't read within a gradient: they come from a pass
 * of their own, before that of the gradients.
 *
 * @param reads - Whether the loss reads predictions.
 * @param forward - The same pass as that of the gradients, but for `again`, so that it changes nothing.
 * @returns Undefined where the loss does without, or can read for itself.
 */
export async function numbersBefore(
  reads: boolean | undefined,
  forward: () => Predictions,
): Promise<Float32Array | undefined> {
  return reads && !readsAtOnce() ? takeData(tf.tidy(forward)) : undefined;
}
