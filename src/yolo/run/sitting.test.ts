import assert from 'node:assert/strict';
import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { Lock } from '../core/lock';
import { generateScene } from '../data/scene/scene';
import { loadDetector } from '../detect/detectorFolder';
import { EvaluationPass } from '../eval/run/evaluationPass';
import { readSafetensors } from '../model/weights/safetensors';
import type { ExperimentResult, MetricsLine } from '../record/runRecord';
import type { ExperimentOverrides } from './config/config';
import { runExperiment } from './experiment';
import { scenesFolder } from './fixtures/scenesFolder';
import { SCENES_RUN } from './fixtures/scenesRun';

const scenes = scenesFolder('run-training-', { train: 8, val: 4 });

/** A head on features, with dropout, averages, random views and moments: everything that a resume must restore. */
const config: ExperimentOverrides = {
  ...SCENES_RUN,
  epochs: 3,
  evaluateAfter: [1],
  views: { flip: true, crops: 0 },
};
const places = scenes.places;

/** Stop after each of the given steps, then go on to the end. */
async function interrupted(
  name: string,
  steps: readonly number[],
  changes: Partial<ExperimentOverrides> = {},
): Promise<ExperimentResult> {
  const changed = { ...config, ...changes };
  for (const at of steps) {
    const controller = new AbortController();
    const onStep = ({ step }: { step: number }) => step === at && controller.abort();
    await assert.rejects(
      runExperiment(changed, { ...places(name), onStep, signal: controller.signal }),
      new RegExp(`stopped after step ${at}, everything is saved`),
    );
  }
  return runExperiment(changed, places(name));
}

async function weightsOf(name: string): Promise<Map<string, Float32Array>> {
  const { tensors } = await readSafetensors(join(places(name).workdir, 'run', 'weights.safetensors'));
  return new Map([...tensors].map(([key, { data }]) => [key, data]));
}

test('a training that was stopped and resumed, again and again, ends as an uninterrupted one', async () => {
  const held = tf.memory().numTensors;
  const whole = await runExperiment(config, places('plain'));
  // In the middle of an epoch, at its end, and twice within one.
  const resumed = await interrupted('cut', [1, 2, 5]);
  assert.deepEqual(withoutCost(resumed.metrics), withoutCost(whole.metrics));
  assert.deepEqual(resumed.evaluation, whole.evaluation);
  const [expected, actual] = [await weightsOf('plain'), await weightsOf('cut')];
  for (const [name, values] of expected) {
    const other = actual.get(name)!;
    values.forEach((value, i) => {
      assert.ok(Math.abs(value - other[i]) <= 1e-6 * Math.max(1, Math.abs(value)), `${name} ${i}`);
    });
  }
  assert.deepEqual((await readdir(join(places('cut').workdir, 'run'))).sort(), [
    'detector.json',
    'metrics.jsonl',
    'run.json',
    'weights.safetensors',
  ]);
  assert.equal(tf.memory().numTensors, held);
});

test('the whole network is resumed in the middle of an epoch as well, augmentation and batch statistics included', async () => {
  const changes = { trainable: 'all', batchNorm: 'batch', epochs: 1, evaluateAfter: [] } as const;
  const whole = await runExperiment({ ...config, ...changes }, places('network'));
  const resumed = await interrupted('network-cut', [1], changes);
  assert.deepEqual(withoutCost(resumed.metrics), withoutCost(whole.metrics));
  assert.deepEqual(resumed.evaluation, whole.evaluation);
});

test('a change of the input size, a frozen prefix and mosaics are resumed within either size', async () => {
  const changes: Partial<ExperimentOverrides> = {
    ...{ trainable: 'all', frozenPrefix: 'layer1', epochs: 3, evaluateAfter: [] },
    loss: { kind: 'taskAligned' },
    model: {
      ...SCENES_RUN.model,
      ...{ head: 'decoupled', inputSize: 64, gridSize: 4, strides: [16, 32], objectness: false },
    },
    augmentation: { fit: 'stretch', flip: 0.5, mosaic: 1 },
    ...{ mosaicFreeEpochs: 1, warmUpEpochs: 1 },
    inputSizes: [
      [32, 1],
      [96, 1],
      [64, 1],
    ],
  };
  const held = tf.memory().numTensors;
  const whole = await runExperiment({ ...config, ...changes }, places('sizes'));
  const resumed = await interrupted('sizes-cut', [1, 2, 3], changes);
  assert.deepEqual(withoutCost(resumed.metrics), withoutCost(whole.metrics));
  assert.deepEqual(resumed.evaluation, whole.evaluation);
  const { final, epochs } = whole.evaluation;
  assert.equal(final.pictures, 4);
  // Neither of them is defined without objectness.
  assert.deepEqual([final.writeUp, epochs[0].confidence], [undefined, undefined]);
  const trained = await loadDetector(join(places('sizes').workdir, 'run'));
  const { picture } = await generateScene('one', { width: 80, height: 60 });
  const found = await trained.detect(picture, { scoreThreshold: 0 });
  assert.ok(found.length > 0 && found.every(({ box }) => box.left >= 0 && box.right <= 80));
  trained.dispose();
  assert.equal(tf.memory().numTensors, held);
});

test('held-out pictures choose the network and end a training that gains no more, resumed or not', async (context) => {
  const held = tf.memory().numTensors;
  const changes: Partial<ExperimentOverrides> = {
    ...{ heldOut: 0.25, epochs: 6, evaluateAfter: [1, 2, 3, 4, 5], patience: 2 },
  };
  // Six pictures are left, a step of four an epoch; too few to find anything, so what is found is made up.
  const maps = [0, 0.1, 0.3, 0.2, 0.1];
  context.mock.method(EvaluationPass.prototype, 'epoch', (epoch: number) => ({ epoch, map: maps[epoch] }));
  const cut = { score: 0.125, precision: 0.5, recall: 0.5 };
  context.mock.method(EvaluationPass.prototype, 'scoreCut', () => cut);
  const told: string[] = [];
  const options = { ...places('held-out'), onNote: (note: string) => told.push(note) };
  const whole = await runExperiment({ ...config, ...changes }, options);
  const { heldOut, epochs, final } = whole.evaluation;
  assert.deepEqual(heldOut, { pictures: 2, epoch: 2, map: 0.3, scoreCut: cut });
  assert.deepEqual([epochs.at(-1)!.epoch, final.pictures, whole.metrics.at(-1)!.step], [4, 4, 4]);
  assert.match(told.join(), /kept: the network of epoch 2/);
  const trained = await loadDetector(join(places('held-out').workdir, 'run'));
  assert.equal(trained.scoreCut, 0.125);
  trained.dispose();
  const kept = await weightsOf('held-out');

  const controller = new AbortController();
  const onStep = ({ step }: { step: number }) => step === 3 && controller.abort();
  const stopping = { ...places('held-out-cut'), onStep, signal: controller.signal };
  await assert.rejects(runExperiment({ ...config, ...changes }, stopping), /stopped after step 3/);
  const checkpoint = join(places('held-out-cut').workdir, 'run', 'checkpoints', 'step-2.safetensors');
  const averages = (await readSafetensors(checkpoint)).tensors;
  const vectors = [...averages].filter(([name, { shape }]) => /^average/.test(name) && shape.length === 1);
  assert.ok(vectors.length > 0);
  for (const [name, { data }] of vectors) {
    const own = [...kept].filter(([, values]) => isSame(values, data));
    assert.ok(own.length > 0, name);
  }
  const resumed = await interrupted('held-out-cut', [], changes);
  assert.deepEqual(withoutCost(resumed.metrics), withoutCost(whole.metrics));
  assert.deepEqual(resumed.evaluation, whole.evaluation);
  assert.deepEqual(await weightsOf('held-out-cut'), kept);
  assert.equal(tf.memory().numTensors, held);
});

/** Whether two vectors hold the same numbers. */
function isSame(a: Float32Array, b: ArrayLike<number>): boolean {
  return a.length === b.length && a.every((value, place) => value === b[place]);
}

test('a damaged checkpoint is passed over for the one before, and the run still ends the same', async () => {
  const whole = await runExperiment(config, places('plain'));
  const controller = new AbortController();
  const onStep = ({ step }: { step: number }) => step === 5 && controller.abort();
  await assert.rejects(runExperiment(config, { ...places('damaged'), onStep, signal: controller.signal }));
  const checkpoints = join(places('damaged').workdir, 'run', 'checkpoints');
  assert.deepEqual((await readdir(checkpoints)).sort(), [
    'step-2.json',
    'step-2.safetensors',
    'step-4.json',
    'step-4.safetensors',
    'step-5.json',
    'step-5.safetensors',
  ]);
  await truncate(join(checkpoints, 'step-5.safetensors'), 1000);
  await writeFile(join(checkpoints, 'step-4.json'), '{');
  const resumed = await runExperiment(config, places('damaged'));
  assert.deepEqual(withoutCost(resumed.metrics), withoutCost(whole.metrics));
});

test('checkpoints of an older version are neither gone on from nor lost', async () => {
  const controller = new AbortController();
  const onStep = ({ step }: { step: number }) => step === 1 && controller.abort();
  await assert.rejects(runExperiment(config, { ...places('older'), onStep, signal: controller.signal }));
  const note = join(places('older').workdir, 'run', 'checkpoints', 'step-1.json');
  await writeFile(note, '{"step":1,"sha256":"0"}');
  await assert.rejects(
    runExperiment(config, places('older')),
    /of an older version of this library; .* delete them/,
  );
  assert.equal(await readFile(note, 'utf8'), '{"step":1,"sha256":"0"}');
});

test('a half-written last line of metrics is dropped', async () => {
  const controller = new AbortController();
  const onStep = ({ step }: { step: number }) => step === 3 && controller.abort();
  const at = { ...places('torn'), onStep, signal: controller.signal };
  await assert.rejects(runExperiment(config, at));
  const file = join(places('torn').workdir, 'run', 'metrics.jsonl');
  const text = await readFile(file, 'utf8');
  await writeFile(file, `${text}{"kind":"step","epoch":2,"st`);
  const whole = await runExperiment(config, places('plain'));
  const { metrics } = await runExperiment(config, places('torn'));
  assert.deepEqual(withoutCost(metrics), withoutCost(whole.metrics));
});

test('two trainings never share a run directory', async () => {
  const run = join(places('locked').workdir, 'run');
  const lock = await Lock.take(join(run, 'lock'));
  assert.ok(lock instanceof Lock);
  await assert.rejects(
    runExperiment(config, places('locked')),
    new RegExp(`run: process ${process.pid} is training here; wait for it, or give this run another name`),
  );
  await lock.release();
  await runExperiment(config, places('locked'));
});

/** Metrics are the same in every run but for what they cost. */
function withoutCost(metrics: readonly MetricsLine[]) {
  return metrics.map(({ seconds, waited, tensors, residentMiB, ...rest }) => rest);
}
