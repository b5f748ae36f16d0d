// runs on both backends
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { hashOf } from '../core/hashOf';
import { findDevkits } from '../data/findDevkits';
import { loadDetector } from '../detect/detectorFolder';
import { Detector } from '../model/detector';
import type { MetricsLine } from '../record/runRecord';
import type { ExperimentOverrides } from './config/config';
import { runExperiment } from './experiment';
import { scenesFolder } from './fixtures/scenesFolder';
import { SCENES_RUN } from './fixtures/scenesRun';

const scenes = scenesFolder('experiment-', { train: 12, val: 6 });

const config = (changes: Partial<ExperimentOverrides> = {}): ExperimentOverrides => ({
  ...SCENES_RUN,
  name: 'scenes',
  model: { ...SCENES_RUN.model, headWidth: 16 },
  confidenceBias: -4,
  views: { flip: true, crops: 1 },
  evaluateAfter: [1],
  ...changes,
});

const places = scenes.places;

test('a run is recorded once: the same configuration is read, another is trained', async () => {
  const held = tf.memory().numTensors;
  let steps = 0;
  const counting = { ...places(), onStep: () => void steps++ };
  const first = await runExperiment(config(), counting);
  assert.equal(steps, 6);
  assert.equal(first.record.data.train.pictures, 12);
  assert.deepEqual(
    first.evaluation.epochs.map(({ epoch }) => epoch),
    [1, 2],
  );
  assert.ok(first.evaluation.final.pooled.map >= 0 && first.evaluation.final.pooled.map <= 1);
  assert.deepEqual((await readdir(first.path)).sort(), [
    'evaluation.json',
    'memory.json',
    'metrics.jsonl',
    'record.json',
  ]);

  const again = await runExperiment(config(), counting);
  assert.equal(steps, 6);
  assert.deepEqual(again, first);

  const other = await runExperiment(config({ seed: 1 }), counting);
  assert.equal(steps, 12);
  assert.notEqual(other.path, first.path);
  assert.notDeepEqual(other.metrics, first.metrics);
  assert.equal(tf.memory().numTensors, held);
});

test('the same seed gives the same run, step by step', async () => {
  const first = await runExperiment(config(), places());
  const second = await runExperiment(config(), { ...places(), retrain: true });
  assert.equal(second.record.key, first.record.key);
  const losses = (lines: readonly MetricsLine[]) => lines.map(({ loss }) => Number(loss));
  losses(second.metrics).forEach((loss, index) => {
    const before = losses(first.metrics)[index];
    assert.ok(Math.abs(loss - before) < 1e-4 * Math.abs(before), `line ${index}: ${loss} against ${before}`);
  });
});

test('the loss falls when the same pictures are shown again and again', async () => {
  const { metrics } = await runExperiment(
    config({
      name: 'falls',
      epochs: 20,
      learningRate: 5e-3,
      schedule: { kind: 'constant' },
      evaluateAfter: [],
      views: { flip: false, crops: 0 },
    }),
    places(),
  );
  const epochs = metrics.filter(({ kind }) => kind === 'epoch').map(({ loss }) => Number(loss));
  assert.ok(epochs.at(-1)! < 0.85 * epochs[0], `${epochs[0]} to ${epochs.at(-1)}`);
});

test('evaluations are kept by epoch, from before the first step on, and the pull of each part at the outputs', async () => {
  const { evaluation, metrics } = await runExperiment(
    config({ name: 'looked-at', evaluateAfter: [0, 1], gradientNormsEvery: 2 }),
    places(),
  );
  assert.deepEqual(
    evaluation.epochs.map(({ epoch }) => epoch),
    [0, 1, 2],
  );
  const [before] = evaluation.epochs;
  // 6 pictures of 2 x 2 cells; a bias of -4 is a confidence of .018.
  assert.equal(before.confidence!.withObject.cells + before.confidence!.empty.cells, 24);
  assert.ok(before.confidence!.empty.mean > 0.005 && before.confidence!.empty.mean < 0.06);
  assert.equal(before.statisticsDrift, undefined);
  assert.equal(evaluation.final.writeUp!.voc, evaluation.final.pooled.map);
  assert.equal(evaluation.final.detections!.length, 6);
  const steps = metrics.filter(({ kind }) => kind === 'step');
  assert.deepEqual(
    steps.map((line) => 'outputGradient.noObject' in line),
    [true, false, true, false, true, false],
  );
  assert.ok(steps.every(({ waited, seconds }) => Number(waited) <= Number(seconds) + 0.01));
  assert.ok(
    metrics.filter(({ kind }) => kind === 'epoch').every((line) => !('outputGradient.noObject' in line)),
  );
});

test('a head starts from that of another run, which is then part of what the run is', async () => {
  await runExperiment(config(), places());
  const changes = { name: 'goes-on', initialHead: 'scenes', evaluateAfter: [0], epochs: 1 };
  const { record, evaluation } = await runExperiment(config(changes), places());
  const { evaluation: first } = await runExperiment(config(), places());
  assert.match(record.weights.source, /head of scenes$/);
  // Same features, same head.
  assert.deepEqual(evaluation.epochs[0].meanMap, first.epochs.at(-1)!.meanMap);
  await assert.rejects(
    runExperiment(config({ ...changes, initialHead: 'nothing' }), places()),
    /initialHead is 'nothing', but there is no record .*nothing; train it first/,
  );
  // Trained with another seed under the same name: record and network lie beside the first ones.
  await runExperiment(config({ seed: 5 }), places());
  await runExperiment(config({ ...changes, name: 'still' }), places());
  await rm(scenes.at('runs', 'scenes'), { recursive: true });
  await assert.rejects(
    runExperiment(config({ ...changes, name: 'too-late', loss: { kind: 'yolo' } }), places()),
    /initialHead is 'scenes', but .*runs holds no network of its record; train that run again/,
  );
  await runExperiment(config(), { ...places(), retrain: true });
});

test('a network is trained on from that of another run, with a schedule of its own', async () => {
  await runExperiment(config({ name: 'short' }), places());
  const longer = { name: 'longer', initialNetwork: 'short', evaluateAfter: [0], epochs: 1 };
  const { record, evaluation } = await runExperiment(config(longer), places());
  const { evaluation: first } = await runExperiment(config({ name: 'short' }), places());
  assert.match(record.weights.source, /network of short$/);
  assert.equal(evaluation.epochs[0].map, first.epochs.at(-1)!.map);
  await assert.rejects(
    runExperiment(config({ ...longer, name: 'both', initialHead: 'short' }), places()),
    /initialHead and initialNetwork are both given/,
  );
});

test("a backbone that isn't trained but takes batch statistics moves its running ones", async () => {
  const { evaluation, record } = await runExperiment(
    config({ name: 'half-frozen', batchNorm: 'batch', evaluateAfter: [0, 1] }),
    places(),
  );
  const [before, one, two] = evaluation.epochs.map(({ statisticsDrift }) => statisticsDrift!);
  assert.deepEqual(before, { mean: 0, variance: 0 });
  assert.ok(one.variance > 0 && two.variance > one.variance, `${one.variance}, ${two.variance}`);
  assert.ok(one.mean > 0);
  // Only the statistics differ from where it started.
  const trained = await loadDetector(join(places().workdir, record.name));
  const start = new Detector(trained.detector.spec);
  start.initialise(0);
  const after = trained.detector.backbone.parameters();
  start.backbone.parameters().forEach(({ name, variable }, place) => {
    const moved = tf.tidy(() => variable.sub(after[place].variable).abs().max().dataSync()[0]);
    // The average of equal weights is equal up to rounding.
    assert.ok(moved < 1e-6, `${name} moved by ${moved}`);
  });
  start.dispose();
  trained.dispose();
});

test('without the data a record of the same configuration is read, one of another is not', async () => {
  const record = await runExperiment(config(), places());
  const notes: string[] = [];
  const empty = { ...places(), dataFolder: scenes.at('empty'), onNote: (note: string) => notes.push(note) };
  await mkdir(empty.dataFolder);
  assert.deepEqual(await runExperiment(config(), empty), record);
  assert.match(
    notes.join('\n'),
    /^nothing was trained: read from the record .*scenes of .*, without its data, which is not on this machine; its network is in .*runs.scenes$/,
  );
  await assert.rejects(runExperiment(config({ seed: 7 }), empty), /empty.Scenes: no such folder/);
  // A folder that was asked for has to be there.
  const nowhere = { ...places(), dataFolder: scenes.at('nowhere') };
  await assert.rejects(
    runExperiment(config(), nowhere),
    /nowhere: no such data folder; expected one that holds/,
  );
});

test('a wrong configuration is one line that names the field', async () => {
  const cases: [object, RegExp][] = [
    [{ epoch: 3 }, /unknown field 'epoch'; did you mean 'epochs'\?/],
    [{ gradientNormsEvery: 0 }, /gradientNormsEvery is 0, expected a whole number above 0, or null/],
    [{ batchNorm: 'batch', microBatch: 2 }, /microBatch is 2, but a backbone that isn't trained/],
    [{ epochs: 0 }, /epochs is 0, expected a whole number above 0/],
    [{ learningRate: -1 }, /learningRate is -1, expected a number above 0/],
    [{ name: '../x' }, /name is '\.\.\/x', expected letters/],
    [{ evaluate: ['Scenes/train'] }, /Scenes\/train is trained on and evaluated on/],
    [{ train: ['Scenes/nolist'] }, /nolist.*no such id list; its lists are/],
    [{ loss: { kind: 'sigmoid', boxweight: 3 } }, /boxweight.*boxWeight/],
  ];
  for (const [changes, message] of cases) {
    await assert.rejects(runExperiment(config(changes), places()), (error: Error) => {
      assert.equal(error.name, 'UserError');
      assert.match(error.message, message);
      assert.ok(!error.message.includes('\n'));
      return true;
    });
  }
});

test('a damaged record says so and what to do', async () => {
  const { path } = await runExperiment(config(), places());
  const file = join(path, 'evaluation.json');
  const good = await readFile(file);
  await writeFile(file, good.subarray(0, 20));
  await assert.rejects(
    runExperiment(config(), places()),
    /damaged run record .*delete the folder to train again/,
  );
  await writeFile(file, good);
});

test('a key does not depend on the order of fields', () => {
  assert.equal(hashOf({ a: 1, b: { c: 2, d: 3 } }), hashOf({ b: { d: 3, c: 2 }, a: 1 }));
  assert.notEqual(hashOf({ a: 1 }), hashOf({ a: 2 }));
});

test('a shortened run on the real photographs goes through', async (t) => {
  const years = findDevkits().yearFolders;
  if (years.length < 2) {
    t.skip('YOLOV1_DATA has no VOC2007 and VOC2012: no photographs to train on');
    return;
  }
  const { record, evaluation, metrics } = await runExperiment(
    config({
      name: 'photographs',
      profile: 'short',
      train: ['VOC2007/train', 'VOC2012/train'],
      evaluate: ['VOC2007/val', 'VOC2012/val'],
      backboneWeights: 'resnet18.safetensors',
      limit: 12,
    }),
    { ...places(), dataFolder: undefined },
  );
  assert.equal(record.data.train.pictures, 24);
  assert.deepEqual(Object.keys(evaluation.final.years), ['VOC2007', 'VOC2012']);
  assert.ok(metrics.every(({ loss }) => Number.isFinite(loss)));
});
