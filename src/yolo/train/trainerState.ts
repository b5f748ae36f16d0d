import * as tf from '@tensorflow/tfjs';
import { UserError } from '../core/errors';
import type { StoredTensor } from '../model/weights/safetensors';
import { numbersOf, type StreamedTensor } from '../model/weights/streamedTensor';
import { upload } from '../tensor/upload';

/**
 * Assign stored values to variables of the same names, one after the other.
 *
 * @throws UserError naming the first that is missing or of another shape; then nothing has changed.
 */
export async function assignVariables(
  variables: ReadonlyMap<string, tf.Variable>,
  stored: ReadonlyMap<string, StoredTensor | StreamedTensor>,
): Promise<void> {
  for (const [name, { shape }] of variables) {
    const found = stored.get(name)?.shape;
    if (String(found) !== String(shape)) {
      throw new UserError(
        `checkpoint: ${name} is ${found ? `[${found}]` : 'missing'}, expected [${shape}]; delete the run directory to start anew`,
      );
    }
  }
  for (const [name, variable] of variables) {
    const numbers = await numbersOf(stored.get(name)!);
    tf.tidy(() => {
      variable.assign(tf.tensor(numbers, variable.shape));
    });
    await upload([variable]);
  }
}
