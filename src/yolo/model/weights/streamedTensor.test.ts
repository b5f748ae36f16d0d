import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { initBackend } from '../../tensor/backend';
import { streamSafetensors, writeSafetensors } from './safetensors';
import { numbersOf, streamOf } from './streamedTensor';

let folder: string;
before(async () => {
  await initBackend();
  folder = await mkdtemp(join(tmpdir(), 'streamed-'));
});
after(() => rm(folder, { recursive: true }));

/** More than one piece, with a last one that is shorter. */
const ROWS = 4100;
const COLUMNS = 4097;

test('a large tensor comes in pieces, in either order of its axes, and leaves none behind', async () => {
  const before = tf.memory().numTensors;
  const tensor = tf.tidy(() =>
    tf
      .range(0, ROWS)
      .reshape([ROWS, 1])
      .add(tf.range(0, COLUMNS).mul(1 / 8192)),
  );
  for (const order of [
    [0, 1],
    [1, 0],
  ]) {
    const stream = streamOf(tensor, order);
    const [first, second] = stream.shape;
    assert.deepEqual(
      stream.shape,
      order.map((axis) => [ROWS, COLUMNS][axis]),
    );
    let pieces = 0;
    let done = 0;
    for await (const piece of stream.pieces()) {
      pieces += 1;
      for (const place of [0, 1, second, piece.length - 1]) {
        const at = [Math.floor((done + place) / second), (done + place) % second];
        assert.equal(piece[place], Math.fround(at[order.indexOf(0)] + at[order.indexOf(1)] / 8192));
      }
      done += piece.length;
    }
    assert.deepEqual([pieces, done], [2, first * second]);
  }
  const path = join(folder, 'large.safetensors');
  const hash = await writeSafetensors(path, new Map([['x', streamOf(tensor, [1, 0])]]));
  const data = await numbersOf((await streamSafetensors(path)).get('x')!);
  assert.equal(data[ROWS * (COLUMNS - 1) + 5], Math.fround(5 + (COLUMNS - 1) / 8192));
  assert.equal(await writeSafetensors(path, new Map([['x', { shape: [COLUMNS, ROWS], data }]])), hash);
  tensor.dispose();
  assert.equal(tf.memory().numTensors, before);
});

test('scalars, empty tensors and small ones come whole', async () => {
  const tensors = { scalar: tf.scalar(3), empty: tf.zeros([0, 4]), vector: tf.tensor1d([1, 2]) };
  const path = join(folder, 'small.safetensors');
  await writeSafetensors(
    path,
    new Map(Object.entries(tensors).map(([name, tensor]) => [name, streamOf(tensor)])),
  );
  const streams = await streamSafetensors(path);
  assert.deepEqual(
    await Promise.all(
      [...streams].map(async ([name, one]) => [name, one.shape, [...(await numbersOf(one))]]),
    ),
    [
      ['scalar', [], [3]],
      ['empty', [0, 4], []],
      ['vector', [2], [1, 2]],
    ],
  );
  tf.dispose(tensors);
});
