import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as tf from '@tensorflow/tfjs';
import { takeData } from './takeData';

/** Bytes for whose sake a collection, a tenth of a second, is worth its time. */
const WORTH_IT = 2 ** 26;

/** Hand tensors' numbers to the backend now; else it takes them when it first computes with them. */
export async function upload(tensors: readonly tf.Tensor[]): Promise<void> {
  for (const tensor of tensors) await takeData(tf.tidy(() => tensor.sum()));
  const bytes = tensors.reduce((sum, { size, dtype }) => sum + size * tf.util.bytesPerElement(dtype), 0);
  if (bytes >= WORTH_IT) collectGarbage();
}

/**
 * Give back what JavaScript no longer needs. It waits with that until its own memory grows, and what weights were made from
 * would lie beside the first step: for the paper's network a gigabyte.
 */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // What the first finds free is given back by a thread of its own, which the second waits for.
  collect();
  collect();
}
