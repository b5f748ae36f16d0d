import { type AugmentationSpec, planAugmentation } from '../../data/augment/augment';
import type { AnnotatedItem } from '../../data/dataset';
import { Loader } from '../../data/loader';
import type { ExperimentConfig } from '../config/config';

/** The part of a configuration that decides which pictures a step sees. */
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
