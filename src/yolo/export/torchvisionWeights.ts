import { readSafetensors, writeSafetensors } from '../model/weights/safetensors';

const BACKBONE = 'backbone.';

/**
 * Writes a network's weights under the names that torchvision has for its ResNet, `layer1.0.conv1.weight` and so on, which
 * `load_state_dict(..., strict=False)` takes there; those of the head keep their own, `head.conv1.weight`.
 *
 * @param source - The network's weights file, under this library's names.
 * @throws UserError if either can't be read or written.
 */
export async function writeTorchvisionWeights(source: string, target: string): Promise<void> {
  const { tensors, metadata } = await readSafetensors(source);
  const renamed = [...tensors].map(
    ([name, tensor]) => [name.startsWith(BACKBONE) ? name.slice(BACKBONE.length) : name, tensor] as const,
  );
  await writeSafetensors(target, new Map(renamed), metadata);
}
