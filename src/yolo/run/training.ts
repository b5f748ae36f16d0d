import type * as tf from '@tensorflow/tfjs';
import { Random } from '../core/random';
import type { AnnotatedObject } from '../data/annotation';
import type { AnnotatedItem, Dataset } from '../data/dataset';
import { encodeObjects } from '../data/gridObjects';
import { type Batch, Loader } from '../data/loader';
import type { Detector, Predictions } from '../model/detector';
import { type MicroBatchLoss, microBatchLossOf } from '../train/microBatchLoss';
import type { Optimizer } from '../train/optimizer';
import { Trainer } from '../train/trainer';
import { PLAIN_VIEW, type ViewsConfig, viewCount } from './config/views';
import type { FeatureFile } from './pictures/featureFile';
import { cachedFeatures, cachesFeatures } from './pictures/features';
import { loaderOf } from './pictures/pictureBatches';
import type { Experiment } from './setup/buildExperiment';
import { type TrainedPart, trainedPart } from './trainedPart';
import type { TrainingMemory } from './trainingMemory';

/** Pictures a forward pass in evaluation: of the head alone, and of the whole network. */
const FEATURE_BATCH = 32;
const PICTURE_BATCH = 8;

/** The part of an experiment that depends on what is trained: a head on cached features, or the whole network. */
export interface Training extends TrainedPart {
  batchesPerEpoch: number;
  /** Batches of an epoch (from 0), from the given one on; whoever takes one disposes its tensor. */
  batches(epoch: number, from: number): AsyncIterable<Batch>;
  /** Losses of micro-batches, for the objects of a batch; only of a loss that can be accumulated. */
  microBatchLoss?(objects: readonly (readonly AnnotatedObject[])[]): MicroBatchLoss;
  /** Predictions for the pictures of a list in their order; whoever takes one disposes it. */
  predictions(of: Judging): AsyncIterable<{ items: readonly AnnotatedItem[]; predictions: Predictions }>;
  close(): Promise<void>;
}

/** The pictures that judge a network: those that are held out, or those of the evaluated lists. */
export type Judging = 'heldOut' | 'evaluate';

/** The fields of an experiment from which a training is prepared. */
export type TrainedFrom = Pick<
  Experiment,
  'config' | 'detector' | 'loss' | 'backend' | 'backbone' | 'train' | 'heldOut' | 'evaluate'
>;

/** Called while features are computed. */
type OnFeatures = (done: number, all: number) => void;

/**
 * Prepare the training that a configuration asks for; features of a frozen backbone are computed here.
 *
 * @throws UserError for micro-batches of a loss that can't be accumulated.
 */
export async function prepareTraining(experiment: TrainedFrom, onFeatures?: OnFeatures): Promise<Training> {
  const { config, detector, loss } = experiment;
  const cut = config.microBatch !== null && config.microBatch < config.batchSize;
  const microBatchLoss =
    cut || loss.description.accumulable ? { microBatchLoss: microBatchLossOf(loss, detector) } : {};
  const training = cachesFeatures(config)
    ? await headTraining(experiment, onFeatures)
    : wholeTraining(experiment);
  return { ...training, ...microBatchLoss };
}

/** The trainer of an experiment; the caller disposes it. */
export function makeTrainer(
  { config, detector, loss, plan }: Experiment,
  training: Training,
  { optimizer, memory }: { optimizer: Optimizer; memory: TrainingMemory },
): Trainer {
  return new Trainer({
    ...config,
    ...training,
    gradients: plan.gradients,
    optimizer,
    loss: (predictions, objects, numbers) => {
      const target = encodeObjects(detector.spec.classes, predictions.shape, objects);
      return loss(predictions, target, undefined, numbers);
    },
    readsPredictions: loss.description.readsPredictions,
    warmUpSteps: (config.warmUpEpochs ?? 0) * training.batchesPerEpoch || config.warmUpSteps,
    memory,
  });
}

async function headTraining(experiment: TrainedFrom, onFeatures?: OnFeatures): Promise<Training> {
  const { config, detector, backend, backbone, train } = experiment;
  const { seed, views } = config;
  const of = { detector, weights: backbone, backend, seed };
  const opened: FeatureFile[] = [];
  const close = async () => {
    for (const file of opened) await file.close();
  };
  const featuresOf = async (data: Dataset, seen: ViewsConfig) => {
    const file = await cachedFeatures({ ...of, data, views: seen }, onFeatures);
    opened.push(file);
    return file;
  };
  const judges = new Map<Judging, { items: readonly AnnotatedItem[]; plain: FeatureFile }>();
  let features: FeatureFile;
  try {
    features = await featuresOf(train, views);
    for (const judging of ['heldOut', 'evaluate'] as const) {
      const data = experiment[judging];
      if (data) judges.set(judging, { items: data.items, plain: await featuresOf(data, PLAIN_VIEW) });
    }
  } catch (error) {
    await close();
    throw error;
  }
  const pictures = train.items.length;
  const batchSize = Math.min(config.batchSize, pictures);
  return {
    ...trainedPart(detector, config),
    batchesPerEpoch: Math.floor(pictures / batchSize),
    batches: (epoch, from) =>
      featureBatches(features, { pictures, views: viewCount(views), batchSize, seed, epoch, from }),
    async *predictions(judging) {
      const { items: all, plain } = judges.get(judging)!;
      for (const [items, indices] of slices(all, FEATURE_BATCH)) {
        const { images } = await plain.read(indices);
        const predictions = consuming(images, () => detector.predictFromFeatures(images));
        yield { items, predictions };
      }
    },
    close,
  };
}

function wholeTraining(experiment: TrainedFrom): Training {
  const { config, detector, train } = experiment;
  const batches = (epoch: number, from: number) => loaderOf(train.items, config, epoch).epoch(epoch, from);
  return {
    ...trainedPart(detector, config),
    // A backbone that is not trained runs before the step, so nothing of it is kept for the gradients.
    batches:
      config.trainable === 'head' ? (epoch, from) => withFeatures(detector, batches(epoch, from)) : batches,
    batchesPerEpoch: loaderOf(train.items, config, 0).batchesPerEpoch,
    async *predictions(judging) {
      const { items } = experiment[judging]!;
      const plain = new Loader(items, { size: config.model.inputSize, batchSize: PICTURE_BATCH });
      let start = 0;
      for await (const { images, keys } of plain.epoch(0)) {
        const predictions = consuming(images, () => detector.forward(images));
        yield { items: items.slice(start, start + keys.length), predictions };
        start += keys.length;
      }
    },
    close: () => Promise.resolve(),
  };
}

/** Batches of features instead of pictures, by a backbone in training mode. */
async function* withFeatures(detector: Detector, batches: AsyncIterable<Batch>): AsyncGenerator<Batch> {
  for await (const batch of batches) {
    const images = detector.features(batch.images, { training: true });
    batch.images.dispose();
    yield { ...batch, images };
  }
}

/** Predictions from a tensor, which is then disposed, also where computing fails. */
function consuming(images: tf.Tensor, compute: () => Predictions): Predictions {
  try {
    return compute();
  } finally {
    images.dispose();
  }
}

function* slices<T>(list: readonly T[], size: number): Generator<[T[], number[]]> {
  for (let start = 0; start < list.length; start += size) {
    const part = list.slice(start, start + size);
    yield [part, part.map((_, index) => start + index)];
  }
}

/** Each picture once an epoch in a new order, in one of its views drawn at random; a last part-batch is left out. */
async function* featureBatches(
  features: FeatureFile,
  of: { pictures: number; views: number; batchSize: number; seed: number; epoch: number; from: number },
): AsyncGenerator<Batch> {
  const { pictures, views, batchSize } = of;
  const random = new Random(of.seed).fork('batches').fork(of.epoch);
  const order = random.shuffled(Array.from({ length: pictures }, (_, index) => index));
  for (let batch = of.from; (batch + 1) * batchSize <= pictures; batch++) {
    // Drawn by batch, so that a training can go on in the middle of an epoch.
    const draw = random.fork(batch);
    const indices = order.slice(batch * batchSize, (batch + 1) * batchSize);
    yield await features.read(indices.map((index) => index + pictures * draw.integer(0, views - 1)));
  }
}
