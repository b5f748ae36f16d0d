import { loadDataset } from '../data/dataset';
import { Detector } from '../model/detector';
import { resolveConfig } from '../run/config/config';
import { makeLoss } from '../run/config/lossConfig';
import { prepareTraining } from '../run/training';
import { initBackend } from '../tensor/backend';
import { microBatchLossOf } from '../train/microBatchLoss';
import { Optimizer } from '../train/optimizer';
import { Trainer } from '../train/trainer';
import type { Work } from './work';

/** Updates a repetition. */
export const UPDATES = 3;

/**
 * Each call is three updates as a run with the defaults does them: crops, flips and colours, gradient, clipping, AdamW and
 * averages of the weights.
 *
 * @returns The share of the time of all updates so far that pictures were waited for, the first of each call left out.
 */
export async function prepareTrainingWork({
  folder,
  split,
  batch,
}: Extract<Work, { kind: 'training' }>): Promise<() => Promise<number>> {
  const source = { folder, split };
  const data = await loadDataset([source]);
  const config = resolveConfig({
    name: 'bench',
    profile: 'mini',
    train: [split],
    evaluate: ['none'],
    model: { backbone: 'resnet18', head: 'convolutional', inputSize: 448, gridSize: 14, predictors: 1 },
    loss: { kind: 'sigmoid' },
    trainable: 'all',
    epochs: Math.ceil((1000 * batch) / data.items.length),
    batchSize: batch,
  });
  const detector = new Detector({ ...config.model, classes: data.classes });
  detector.initialise(0);
  const backend = await initBackend();
  const loss = makeLoss(config.loss);
  const training = await prepareTraining({
    ...{ config, detector, loss, backend, backbone: 'random' },
    ...{ train: data, evaluate: data },
  });
  const shareOf = microBatchLossOf(loss, detector);
  const trainer = new Trainer({
    ...config,
    ...training,
    optimizer: new Optimizer(config.optimizer, training.groups),
    loss: (predictions, objects) => shareOf(objects)(predictions, { start: 0, end: objects.length }),
  });
  const updates = everyUpdate(trainer, config.epochs);
  let waited = 0;
  let spent = 0;
  return async () => {
    for (let update = 0; update < UPDATES; update++) {
      const start = performance.now();
      const { value } = await updates.next();
      if (!value) throw new Error('training: more updates were asked for than there are');
      // What is decoded between two repetitions costs the first update of the next no time.
      if (update === 0) continue;
      waited += value.waited;
      spent += (performance.now() - start) / 1e3;
    }
    return waited / spent;
  };
}

async function* everyUpdate(trainer: Trainer, epochs: number) {
  for (let epoch = 0; epoch < epochs; epoch++) yield* trainer.epoch(epoch);
}
