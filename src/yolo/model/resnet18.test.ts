// runs on both backends
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { Random } from '../core/random';
import { initBackend } from '../tensor/backend';
import { hashed, hashedWeights } from './fixtures/hashedWeights';
import { convBlocksOf } from './layers/convBlocks';
import { INFERENCE } from './layers/layer';
import { resnet18 } from './resnet18';
import { writeSafetensors } from './weights/safetensors';
import { loadWeights } from './weights/weights';

const network = resnet18();
let folder: string;

before(async () => {
  await initBackend();
  folder = await mkdtemp(join(tmpdir(), 'resnet18-'));
  network.initialise([96, 70, 3], new Random(1));
});

after(async () => {
  network.dispose();
  await rm(folder, { recursive: true });
});

test('the features equal those of torchvision for the same weights and picture', async () => {
  const path = join(folder, 'hashed.safetensors');
  await writeSafetensors(path, hashedWeights(network, 'backbone.'));
  const report = await loadWeights(path, network, { prefix: 'backbone.' });
  assert.equal(report.taken.length, 100);
  assert.deepEqual(report.missing, []);

  const fixture = JSON.parse(await readFile(join(__dirname, 'fixtures/resnet18.json'), 'utf8'));
  const pixels = Float32Array.from(hashed(2 * 96 * 70 * 3, 999), (v) => 2 * v);
  const picture = tf.tensor4d(pixels, [2, 96, 70, 3]);
  const tensorsBefore = tf.memory().numTensors;
  for (const folded of [false, true]) {
    if (folded) {
      for (const block of convBlocksOf(network)) {
        block.fold();
      }
    }
    const features = network.forward(picture, INFERENCE);
    assert.deepEqual(features.shape, fixture.output);
    const values = await features.data();
    const scale = Math.max(...fixture.values);
    fixture.values.forEach((expected: number, index: number) => {
      const actual = values[index * fixture.stride];
      const error = Math.abs(actual - expected) / Math.max(Math.abs(expected), 1e-2 * scale);
      assert.ok(error < 1e-4, `value ${index}, folded ${folded}: ${actual} against ${expected}`);
    });
    features.dispose();
  }
  for (const block of convBlocksOf(network)) {
    block.unfold();
  }
  assert.equal(tf.memory().numTensors, tensorsBefore);
  picture.dispose();
});
