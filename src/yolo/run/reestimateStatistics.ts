import * as tf from '@tensorflow/tfjs';
import { Loader } from '../data/loader';
import type { Experiment } from './setup/buildExperiment';

/**
 * Give every BatchNorm that takes batch statistics the mean of them over the training pictures as they are, at the
 * weights as they are, in place of its running statistics.
 */
export async function reestimateStatistics({
  config: { model, batchSize },
  detector,
  train: { items },
}: Pick<Experiment, 'config' | 'detector' | 'train'>): Promise<void> {
  const loader = new Loader(items, {
    size: model.inputSize,
    batchSize: Math.min(batchSize, items.length),
    dropLast: true,
  });
  let batches = 0;
  for await (const { images } of loader.epoch(0)) {
    batches += 1;
    const pictureSeeds = Array.from({ length: images.shape[0] }, (_, place) => place);
    // The share of the newest batch makes the running statistics the mean of all batches so far.
    const context = { training: true, pictureSeeds, momentum: 1 / batches };
    tf.tidy(() => void detector.forward(images, context));
    images.dispose();
  }
}
