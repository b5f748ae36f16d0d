import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { initBackend } from '../../tensor/backend';
import { Detector } from '../detector';
import { readSafetensors, writeSafetensors } from './safetensors';
import { loadWeights, saveWeights } from './weights';

let folder: string;
const make = (seed: number) => {
  const detector = new Detector({
    backbone: 'baseline',
    head: 'fullyConnected',
    inputSize: 64,
    gridSize: 1,
    predictors: 1,
    classes: ['a', 'b'],
    headWidth: 8,
  });
  detector.initialise(seed);
  return detector;
};
const contents = (detector: Detector) =>
  [...detector.parameters(), ...detector.statistics()].map(({ variable }) => [...variable.dataSync()]);

before(async () => {
  await initBackend();
  folder = await mkdtemp(join(tmpdir(), 'weights-'));
});
after(() => rm(folder, { recursive: true }));

test('a saved network is loaded again value for value, in PyTorch’s layout', async () => {
  const path = join(folder, 'all.safetensors');
  const [saved, loaded] = [make(1), make(2)];
  const held = tf.memory().numTensors;
  await saveWeights(path, saved, { run: 'test' });
  const { tensors, metadata } = await readSafetensors(path);
  assert.deepEqual(metadata, { run: 'test' });
  assert.deepEqual(tensors.get('backbone.conv1.weight')!.shape, [64, 3, 7, 7]);
  assert.deepEqual(tensors.get('head.hidden.weight')!.shape, [8, 512]);
  const report = await loadWeights(path, loaded);
  assert.deepEqual(contents(loaded), contents(saved));
  assert.deepEqual([report.left, report.missing], [[], []]);
  assert.equal(tf.memory().numTensors, held);
  saved.dispose();
  loaded.dispose();
});

test('a missing tensor is refused, or listed where a partial load was asked for', async () => {
  const path = join(folder, 'partial.safetensors');
  const [saved, loaded] = [make(1), make(2)];
  await saveWeights(path, saved);
  const { tensors } = await readSafetensors(path);
  tensors.delete('head.output.bias');
  tensors.set('other', { shape: [1], data: Float32Array.of(1) });
  await writeSafetensors(path, tensors);
  const before = contents(loaded);
  await assert.rejects(loadWeights(path, loaded), /1 of \d+ tensors are missing, first head\.output\.bias/);
  assert.deepEqual(contents(loaded), before);
  const report = await loadWeights(path, loaded, { partial: true });
  assert.deepEqual(report.missing, ['head.output.bias']);
  assert.deepEqual(report.left, ['other']);
  const all = [...loaded.parameters(), ...loaded.statistics()].map(({ name }) => name);
  assert.deepEqual(
    report.taken,
    all.filter((name) => name !== 'head.output.bias'),
  );
  saved.dispose();
  loaded.dispose();
});

test('a tensor of another shape is refused and nothing is changed', async () => {
  const path = join(folder, 'shape.safetensors');
  const [saved, loaded] = [make(1), make(2)];
  await saveWeights(path, saved);
  const { tensors } = await readSafetensors(path);
  tensors.set('head.output.bias', { shape: [3], data: new Float32Array(3) });
  await writeSafetensors(path, tensors);
  const before = contents(loaded);
  await assert.rejects(
    loadWeights(path, loaded),
    /shape\.safetensors: tensor head\.output\.bias has shape \[3\], expected \[7\]/,
  );
  assert.deepEqual(contents(loaded), before);
  saved.dispose();
  loaded.dispose();
});
