import { join } from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import { readEnvironment } from '../../core/environment';
import { hashOf } from '../../core/hashOf';
import { Random } from '../../core/random';
import type { Dataset } from '../../data/dataset';
import { type Batch, Loader } from '../../data/loader';
import type { Detector } from '../../model/detector';
import type { BackendInfo } from '../../tensor/backend';
import type { ExperimentConfig } from '../config/config';
import { planView, type ViewsConfig, viewCount } from '../config/views';
import { FeatureFile } from './featureFile';

/** Raised when decoding, resizing or the backbone compute other numbers than before. */
const FORMAT = 1;
/** Pictures a forward pass; more gain nothing on a processor and cost memory. */
const BATCH = 8;

/** True of a training on kept features: its backbone is not trained, and no batch changes it. */
export function cachesFeatures({
  trainable,
  batchNorm,
}: Pick<ExperimentConfig, 'trainable' | 'batchNorm'>): boolean {
  return trainable === 'head' && batchNorm !== 'batch';
}

/** Everything that features depend on, besides the code. */
export interface FeaturesOf {
  detector: Detector;
  /** Fingerprint of the backbone's weights. */
  weights: string;
  backend: BackendInfo;
  data: Dataset;
  views: ViewsConfig;
  seed: number;
}

/**
 * Feature maps of every view of every picture, from the cache or computed once and kept there (448 pixels: 0.4 MB a
 * view). View v of picture i stands at index `v * pictures + i`.
 *
 * @param onProgress - Called with views done and views in all, while computing.
 */
export async function cachedFeatures(
  { detector, weights, backend, data, views, seed }: FeaturesOf,
  onProgress?: (done: number, all: number) => void,
): Promise<FeatureFile> {
  const { backbone, inputSize, norm, strides = [] } = detector.spec;
  const key = hashOf({
    format: FORMAT,
    // Both maps of two strides are kept, and for one stride what older versions kept under this key.
    backbone: [backbone, inputSize, norm ?? 'batch', weights, ...(strides.length > 1 ? [strides] : [])],
    data: data.fingerprint,
    // A picture as it is has nothing drawn at random, so every seed shares it.
    views: [views, viewCount(views) === 1 ? 0 : seed],
    backend: [backend.name, backend.note],
  });
  const path = join(readEnvironment().cacheFolder, 'features', `${key.slice(0, 16)}.f32`);
  const found = await FeatureFile.open(path);
  if (found) {
    return found;
  }
  const random = new Random(seed).fork('views');
  const all = viewCount(views) * data.items.length;

  async function* compute(): AsyncGenerator<Batch> {
    let done = 0;
    detector.fold();
    try {
      for (let view = 0; view < viewCount(views); view++) {
        const loader = new Loader(data.items, {
          size: inputSize,
          batchSize: BATCH,
          plan: (item) => planView(item, view, views, random.fork(item.key)),
        });
        for await (const batch of loader.epoch(view)) {
          let images: tf.Tensor4D;
          try {
            images = detector.features(batch.images);
          } finally {
            batch.images.dispose();
          }
          yield { ...batch, images };
          done += batch.keys.length;
          onProgress?.(done, all);
        }
      }
    } finally {
      detector.unfold();
    }
  }
  return FeatureFile.create(path, detector.featureShape, compute());
}
