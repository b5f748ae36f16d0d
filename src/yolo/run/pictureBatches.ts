import { UserError } from '../core/errors';
import { type AugmentationSpec, planAugmentation } from '../data/augment/augment';
import type { AnnotatedItem } from '../data/dataset';
import { Loader } from '../data/loader';
import type { ExperimentConfig } from './config';

/** How the input's side changes over a training: `[pixels, epochs]` one after the other. */
export type InputSizes = readonly (readonly [size: number, epochs: number])[];

/** What of a configuration decides which pictures a step sees. */
type PicturesConfig = Pick<
  ExperimentConfig,
  'model' | 'augmentation' | 'inputSizes' | 'mosaicFreeEpochs' | 'epochs' | 'batchSize' | 'seed'
>;

/** Side of the input in an epoch (from 0), in pixels. */
export function inputSizeOf({ inputSizes, model }: PicturesConfig, epoch: number): number {
  let end = 0;
  for (const [size, epochs] of inputSizes ?? []) {
    end += epochs;
    if (epoch < end) return size;
  }
  return model.inputSize;
}

/**
 * The loader of an epoch (from 0): its input size, and its augmentation. All epochs share a seed, and a loader's order
 * follows from seed and epoch alone, so a training may go on in any of them.
 */
export function loaderOf(items: readonly AnnotatedItem[], config: PicturesConfig, epoch: number): Loader {
  const augmentation = augmentationOf(config, epoch);
  return new Loader(items, {
    size: inputSizeOf(config, epoch),
    batchSize: Math.min(config.batchSize, items.length),
    seed: `${config.seed}/loader`,
    shuffle: true,
    dropLast: true,
    plan: (item, random, all) => planAugmentation(augmentation, item, random, all),
  });
}

function augmentationOf(
  { augmentation, mosaicFreeEpochs, epochs }: PicturesConfig,
  epoch: number,
): AugmentationSpec {
  const last = epoch >= epochs - (mosaicFreeEpochs ?? 0);
  return last ? { ...augmentation, mosaic: 0 } : augmentation;
}

/** @throws {@link UserError} for sizes that are no list of whole numbers, or whose epochs are not those of the training. */
export function checkInputSizes(sizes: InputSizes, epochs: number): void {
  const shown = `config: inputSizes is ${JSON.stringify(sizes)}`;
  const whole = (value: unknown) => Number.isInteger(value) && (value as number) > 0;
  if (!Array.isArray(sizes) || !sizes.every((pair) => pair?.length === 2 && pair.every(whole))) {
    throw new UserError(`${shown}, expected [pixels, epochs] pairs, such as [[256, 10], [448, 5]], or null`);
  }
  const sum = sizes.reduce((total, [, count]) => total + count, 0);
  if (sum !== epochs) throw new UserError(`${shown}, ${sum} epochs; expected epochs, ${epochs}`);
}
