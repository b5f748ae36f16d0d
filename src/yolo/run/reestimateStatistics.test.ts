// runs on both backends
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { loadDataset } from '../data/dataset';
import { findSource } from '../data/findDevkits';
import { Detector } from '../model/detector';
import { type ExperimentOverrides, resolveConfig } from './config/config';
import { runExperiment } from './experiment';
import { scenesFolder } from './fixtures/scenesFolder';
import { SCENES_RUN } from './fixtures/scenesRun';
import { reestimateStatistics } from './reestimateStatistics';

const scenes = scenesFolder('statistics-', { train: 8, val: 4 });

test('re-estimated statistics are the mean of the batches, whatever they were before', async () => {
  const { dataFolder } = scenes.places();
  const train = await loadDataset([findSource('Scenes/train', { dataFolder })]);
  const config = resolveConfig({ ...SCENES_RUN, trainable: 'all', batchNorm: 'batch' });
  const detector = new Detector({ ...config.model, classes: train.classes });
  detector.initialise(1);
  detector.setBatchNormMode('backbone', 'batch', true);
  const statistics = detector.statistics();
  const held = tf.memory().numTensors;
  /** @param used - Which pictures. */
  const estimated = async (...used: Parameters<Array<unknown>['slice']>) => {
    for (const { variable } of statistics) tf.tidy(() => variable.assign(tf.fill(variable.shape, 100)));
    await reestimateStatistics({ config, detector, train: { ...train, items: train.items.slice(...used) } });
    return statistics.map(({ variable }) => variable.dataSync());
  };
  const [first, second, both] = [await estimated(0, 4), await estimated(4), await estimated()];
  both.forEach((values, index) => {
    values.forEach((value, k) => {
      const mean = (first[index][k] + second[index][k]) / 2;
      assert.ok(Math.abs(value - mean) <= 1e-4 * Math.max(1, Math.abs(mean)), statistics[index].name);
    });
  });
  assert.equal(tf.memory().numTensors, held);
  detector.dispose();
});

test('a run ends with the statistics it asks for; the training is the same', async () => {
  const run = (finalStatistics: ExperimentOverrides['finalStatistics'] = null) =>
    runExperiment(
      {
        ...{ ...SCENES_RUN, trainable: 'all', batchNorm: 'batch', epochs: 1, finalStatistics },
        name: `run-${finalStatistics}`,
      },
      scenes.places(),
    );
  const [kept, restored, reestimated] = [await run(), await run('restored'), await run('reestimated')];
  const losses = ({ metrics }: typeof kept) => metrics.map(({ loss }) => loss);
  const drift = ({ evaluation }: typeof kept) => evaluation.epochs[0].statisticsDrift!;
  assert.deepEqual(losses(restored), losses(kept));
  assert.deepEqual(losses(reestimated), losses(kept));
  assert.deepEqual(drift(restored), { mean: 0, variance: 0 });
  assert.ok(drift(kept).variance > 0 && drift(reestimated).variance > drift(kept).variance);
});

test('statistics that training never moves are not asked to be settled', async () => {
  await assert.rejects(
    runExperiment({ ...SCENES_RUN, finalStatistics: 'restored' }, scenes.places('refused')),
    /finalStatistics is 'restored', but batchNorm 'constant' never moves/,
  );
});
