import { UserError } from '../core/errors';
import { readSafetensors } from '../model/weights/safetensors';

/** Output channels of ResNet18's four stages. */
const STAGES = [64, 128, 256, 512];

/** Name and shape of every float tensor of torchvision's ResNet18, with its classifier. */
export function resnet18Tensors(): Map<string, readonly number[]> {
  const tensors = new Map<string, readonly number[]>();
  const norm = (name: string, channels: number) => {
    for (const part of ['weight', 'bias', 'running_mean', 'running_var']) {
      tensors.set(`${name}.${part}`, [channels]);
    }
  };
  tensors.set('conv1.weight', [64, 3, 7, 7]);
  norm('bn1', 64);
  let inputs = 64;
  for (const [stage, filters] of STAGES.entries()) {
    for (const block of [0, 1]) {
      const name = `layer${stage + 1}.${block}`;
      tensors.set(`${name}.conv1.weight`, [filters, inputs, 3, 3]);
      norm(`${name}.bn1`, filters);
      tensors.set(`${name}.conv2.weight`, [filters, filters, 3, 3]);
      norm(`${name}.bn2`, filters);
      if (inputs !== filters) {
        tensors.set(`${name}.downsample.0.weight`, [filters, inputs, 1, 1]);
        norm(`${name}.downsample.1`, filters);
      }
      inputs = filters;
    }
  }
  tensors.set('fc.weight', [1000, 512]);
  tensors.set('fc.bias', [1000]);
  return tensors;
}

/**
 * Checks that a file holds the weights of torchvision's ResNet18: every tensor by name and shape, and finite.
 *
 * @throws {@link UserError} with the first thing that is wrong.
 */
export async function checkResnet18(path: string): Promise<void> {
  const { tensors } = await readSafetensors(path);
  const wrong = (what: string) => new UserError(`${path}: ${what}; it is not torchvision's ResNet18`);
  for (const [name, shape] of resnet18Tensors()) {
    const stored = tensors.get(name);
    if (!stored) throw wrong(`tensor ${name} is missing`);
    if (String(stored.shape) !== String(shape)) {
      throw wrong(`tensor ${name} has shape [${stored.shape.join(', ')}], expected [${shape.join(', ')}]`);
    }
    if (!stored.data.every(Number.isFinite))
      throw wrong(`tensor ${name} has values that are no finite numbers`);
  }
}
