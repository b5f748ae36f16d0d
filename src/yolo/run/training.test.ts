// runs on both backends
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { UserError } from '../core/errors';
import { configHash } from '../record/runKey';
import type { MetricsLine } from '../record/runRecord';
import { type ExperimentOverrides, resolveConfig } from './config/config';
import { runExperiment } from './experiment';
import { scenesFolder } from './fixtures/scenesFolder';
import { SCENES_RUN } from './fixtures/scenesRun';

const scenes = scenesFolder('training-', { train: 6, val: 2 });

/** GroupNorm: no layer mixes pictures. */
const config: ExperimentOverrides = {
  ...SCENES_RUN,
  model: { ...SCENES_RUN.model, predictors: 2, headWidth: 32, norm: 'group' },
  loss: { kind: 'yolo' },
  optimizer: { kind: 'sgd' },
  batchSize: 3,
};

async function losses(name: string, changes: Partial<ExperimentOverrides>): Promise<number[]> {
  const { metrics } = await runExperiment({ ...config, name, ...changes }, scenes.places());
  return metrics.filter(({ kind }: MetricsLine) => kind === 'step').map(({ loss }) => Number(loss));
}

for (const [trainable, epochs] of [
  ['head', 2],
  ['all', 1],
] as const) {
  test(`a run in micro-batches has the losses of one without: ${trainable}`, async () => {
    const held = tf.memory().numTensors;
    const whole = await losses(`${trainable}-whole`, { trainable, epochs });
    const cut = await losses(`${trainable}-cut`, { trainable, epochs, microBatch: 2 });
    assert.equal(whole.length, 2 * epochs);
    whole.forEach((loss, step) => {
      assert.ok(
        Math.abs(cut[step] - loss) < 1e-4 * loss,
        `step ${step + 1}: ${cut[step]}, whole batch ${loss}`,
      );
    });
    assert.equal(tf.memory().numTensors, held);
  });
}

test('micro-batches of a loss that is a product of sums are refused; the whole batch at once is not', async () => {
  const loss = { kind: 'writeUp', confidenceLoss: { kind: 'focalProduct' } } as const;
  await assert.rejects(
    losses('product', { loss, microBatch: 2 }),
    (error) =>
      error instanceof UserError &&
      /cannot be accumulated \(its noObject part is a product/.test(error.message),
  );
  assert.equal((await losses('product', { loss, microBatch: 3, epochs: 1 })).length, 2);
});

test('a micro-batch is a whole number or null, and null leaves the key of a run as it was without the field', () => {
  for (const microBatch of [0, 1.5, Number.NaN]) {
    assert.throws(
      () => resolveConfig({ ...config, microBatch }),
      new RegExp(`config: microBatch is ${microBatch}, expected a whole number above 0, or null`),
    );
  }
  const { microBatch, ...without } = resolveConfig(config);
  assert.equal(microBatch, null);
  assert.equal(configHash(resolveConfig(config)), configHash(without));
  assert.notEqual(configHash(resolveConfig({ ...config, microBatch: 2 })), configHash(without));
});
