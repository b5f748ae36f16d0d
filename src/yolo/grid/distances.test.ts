// runs on both backends
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { initBackend } from '../tensor/backend';
import { DISTANCE_CODING } from './coding';
import { decodeDetections } from './decode/decodeDetections';
import { cellPlaces, distanceLayout } from './distanceLayout';
import { distanceColumns } from './distances';

before(async () => {
  await initBackend();
});

/** The output whose distance is so many cells. */
const output = (cells: number) => Math.log(Math.expm1(cells / 2));

test('the number of cells tells the grids', () => {
  assert.deepEqual(distanceLayout('test', [2, 49, 7], 3).sides, [7]);
  assert.deepEqual(distanceLayout('test', [2, 980, 24], 20).sides, [28, 14]);
  for (const shape of [
    [2, 48, 7],
    [2, 49, 8],
    [2, 7, 7, 7],
    [2, 0, 7],
  ]) {
    assert.throws(() => distanceLayout('test', shape, 3), /expected \[N, P, 7\]/);
  }
});

test('cells stand grid by grid and row by row', () => {
  const { x, y, side } = cellPlaces([4, 2]);
  assert.deepEqual([x[1], y[1], side[1]], [0.375, 0.125, 0.25]);
  assert.deepEqual([x[4], y[4]], [0.125, 0.375]);
  assert.deepEqual([x[18], y[18], side[18]], [0.25, 0.75, 0.5]);
});

test('distances are of the cell of each grid, the same for tensors and detections', () => {
  const held = tf.memory().numTensors;
  const values = new Float32Array(20 * 6).fill(-20);
  // The second cell of the fine grid: .375, .125, cells of a quarter.
  values.set([output(1), output(0.25), output(2), output(2), 3, -20], 6);
  // The last cell of the coarse grid: .75, .75, cells of a half; it reaches out of the picture.
  values.set([output(1), output(1), output(0.25), output(2), -1, 2], 19 * 6);
  const x = tf.tensor3d(values, [1, 20, 6]);
  const [list] = decodeDetections(x, {
    coding: DISTANCE_CODING,
    classes: 2,
    pictures: [{ width: 800, height: 400 }],
    scoreThreshold: 0.1,
  });
  assert.deepEqual(
    list.map(({ classIndex }) => classIndex),
    [0, 1, 0],
  );
  const edges = list.map(({ box }) => [box.left, box.top, box.right, box.bottom].map(Math.round));
  assert.deepEqual(edges, [
    [100, 25, 700, 250],
    [200, 100, 700, 400],
    [200, 100, 700, 400],
  ]);
  assert.ok(Math.abs(list[1].score - 1 / (1 + Math.exp(-2))) < 1e-6);
  const [only] = decodeDetections(x, {
    coding: DISTANCE_CODING,
    classes: 2,
    pictures: [{ width: 800, height: 400 }],
    scoreThreshold: 0.1,
    candidates: 'best',
  });
  assert.equal(only.length, 2);
  const columns = tf.tidy(() => {
    const { edges: of } = distanceColumns(x, distanceLayout('test', x.shape, 2));
    return tf.concat([of.left, of.top, of.right, of.bottom], 1).arraySync() as number[][];
  });
  [0.125, 0.0625, 0.875, 0.625].forEach((edge, i) => {
    assert.ok(Math.abs(columns[1][i] - edge) < 1e-6);
  });
  [0.25, 0.25, 0.875, 1.75].forEach((edge, i) => {
    assert.ok(Math.abs(columns[19][i] - edge) < 1e-6);
  });
  x.dispose();
  assert.equal(tf.memory().numTensors, held);
});

test('every box above no threshold at all is a candidate, and none above certainty', () => {
  const x = { shape: [1, 4, 5], data: new Float32Array(20).fill(-30) };
  const options = { coding: DISTANCE_CODING, classes: 1, pictures: [{ width: 10, height: 10 }] };
  assert.equal(
    decodeDetections({ ...x, data: x.data.fill(0) }, { ...options, scoreThreshold: 0 })[0].length,
    4,
  );
  assert.equal(decodeDetections(x, { ...options, scoreThreshold: 1 })[0].length, 0);
});
