import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../core/errors';
import { WEIGHTS_FILE, writeSpec } from '../detect/detectorFiles';
import { checkSavedDetector } from '../detect/detectorFolder';
import { type EightBitTensor, toEightBits } from '../model/weights/eightBits';
import { parseSafetensors, type StoredTensor } from '../model/weights/parseSafetensors';
import { writeSafetensors } from '../model/weights/safetensors';

/**
 * Copies a stored network with its convolutions and dense layers in 8 bits, a quarter of the size; `loadDetector` reads
 * either. Biases and what belongs to normalisation stay in float32: they are a hundredth of the numbers.
 *
 * @param folder - Of a finished run.
 * @param target - Folder of the copy; it is made if it isn't there.
 * @throws {@link UserError} if the folder holds no whole network, or one whose values are not finite.
 */
export async function packDetector(folder: string, target: string): Promise<void> {
  const { about, weights } = await checkSavedDetector(folder);
  const source = join(folder, WEIGHTS_FILE);
  const { tensors, metadata } = parseSafetensors(weights, source);
  const packed = new Map<string, StoredTensor | EightBitTensor>();
  for (const [name, tensor] of tensors) {
    if (!tensor.data.every(Number.isFinite)) {
      throw new UserError(
        `${source}: tensor ${name} has values that are not finite; the training diverged, train it again`,
      );
    }
    packed.set(name, tensor.shape.length > 1 ? toEightBits(tensor) : tensor);
  }
  await mkdir(target, { recursive: true });
  await writeSpec(target, about, await writeSafetensors(join(target, WEIGHTS_FILE), packed, metadata));
}
