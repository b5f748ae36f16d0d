import * as tf from '@tensorflow/tfjs';
import { UserError } from '../core/errors';
import type { StoredTensor } from '../model/weights/safetensors';

/** Values of named variables, read back from the backend. */
export async function storeVariables(
  variables: ReadonlyMap<string, tf.Variable>,
): Promise<Map<string, StoredTensor>> {
  const stored = new Map<string, StoredTensor>();
  for (const [name, variable] of variables) {
    stored.set(name, { shape: variable.shape, data: (await variable.data()) as Float32Array });
  }
  return stored;
}

/**
 * Assign stored values to variables of the same names.
 *
 * @throws UserError naming the first that is missing or of another shape; then nothing has changed.
 */
export function assignVariables(
  variables: ReadonlyMap<string, tf.Variable>,
  stored: ReadonlyMap<string, StoredTensor>,
): void {
  for (const [name, { shape }] of variables) {
    const found = stored.get(name)?.shape;
    if (String(found) !== String(shape)) {
      throw new UserError(
        `checkpoint: ${name} is ${found ? `[${found}]` : 'missing'}, expected [${shape}]; delete the run directory to start anew`,
      );
    }
  }
  for (const [name, variable] of variables) {
    const { data, shape } = stored.get(name)!;
    tf.tidy(() => {
      variable.assign(tf.tensor(data, shape));
    });
  }
}
