// runs on both backends
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { Random } from '../core/random';
import { initBackend } from '../tensor/backend';
import { convBlocksOf } from './convBlocks';
import { INFERENCE } from './layer';
import { resnet18 } from './resnet18';
import { type StoredTensor, writeSafetensors } from './safetensors';
import { loadWeights } from './weights';

/** Uniform numbers in -1..1 from the index alone; fixtures/make_fixture.py has the same formula. */
function hashed(count: number, salt: number): Float64Array {
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let h = (Math.imul(i, 2654435761) + salt * 40503) >>> 0;
    h = (h ^ (h >>> 16)) >>> 0;
    h = Math.imul(h, 0x45d9f3b) >>> 0;
    h = (h ^ (h >>> 16)) >>> 0;
    values[i] = h / 2 ** 31 - 1;
  }
  return values;
}

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
  const names = [...network.parameters(), ...network.statistics()].map(({ name, variable }) => ({
    name: name.slice('backbone.'.length),
    shape: variable.rank === 4 ? [3, 2, 0, 1].map((axis) => variable.shape[axis]) : variable.shape,
  }));
  const tensors = new Map<string, StoredTensor>();
  names
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .forEach(({ name, shape }, index) => {
      const u = hashed(
        shape.reduce((product, n) => product * n, 1),
        index + 1,
      );
      const fanIn = shape.slice(1).reduce((product, n) => product * n, 1);
      const isScale = name.endsWith('running_var') || name.endsWith('weight');
      const data = Float32Array.from(u, (v) =>
        shape.length === 4 ? v * Math.sqrt(6 / fanIn) : isScale ? 1 + 0.2 * v : 0.1 * v,
      );
      tensors.set(name, { shape, data });
    });
  const path = join(folder, 'hashed.safetensors');
  await writeSafetensors(path, tensors);
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
