// runs on both backends
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { initBackend } from '../backend';
import { dense } from '.';

before(async () => {
  await initBackend();
});

test('rows times matrix plus bias, with the gradients of all three', () => {
  const held = tf.memory().numTensors;
  tf.tidy(() => {
    const x = tf.tensor2d([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    const weight = tf.tensor2d([
      [1, 0, -1],
      [2, 1, 0.5],
    ]);
    const bias = tf.tensor1d([10, 20, 30]);
    assert.deepEqual(dense(x, weight, bias).arraySync(), [
      [15, 22, 30],
      [21, 24, 29],
      [27, 26, 28],
    ]);
    // Of the sum of the results, each weighted by its column's number: dy is [1, 2, 3] in every row.
    const weighted = (...[a, w, b]: tf.Tensor[]) =>
      dense(a as tf.Tensor2D, w as tf.Tensor2D, b as tf.Tensor1D)
        .mul([1, 2, 3])
        .sum();
    const [dx, dWeight, dBias] = tf.grads(weighted)([x, weight, bias]);
    assert.deepEqual(dx.arraySync(), [
      [-2, 5.5],
      [-2, 5.5],
      [-2, 5.5],
    ]);
    assert.deepEqual(dWeight.arraySync(), [
      [9, 18, 27],
      [12, 24, 36],
    ]);
    assert.deepEqual(dBias.arraySync(), [3, 6, 9]);
  });
  assert.equal(tf.memory().numTensors, held);
});

test('shapes that do not fit are named', () => {
  tf.tidy(() => {
    assert.throws(
      () => dense(tf.ones([2, 3]), tf.ones([4, 5]), tf.ones([5])),
      /dense: x has 3 values a row, weight \[4,5\] expects 4/,
    );
    assert.throws(
      () => dense(tf.ones([2, 4]), tf.ones([4, 5]), tf.ones([4])),
      /dense: bias has 4 values, expected 5/,
    );
  });
});
