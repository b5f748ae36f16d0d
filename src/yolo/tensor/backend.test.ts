// runs on both backends
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { readEnvironment } from '../core/environment';
import { initBackend } from './backend';

test('the backend is chosen once, is the one that was forced, and computes', async () => {
  const [first, second] = await Promise.all([initBackend(), initBackend()]);
  assert.equal(first, second);
  assert.equal(tf.getBackend(), first.name);
  const forced = readEnvironment().backend;
  if (forced) assert.equal(first.name, forced);
  assert.match(first.version, /^\d+\.\d+\.\d+/);
  assert.ok(first.cores >= 1);
  const product = tf.tidy(() => tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])));
  assert.deepEqual([...product.dataSync()], [11]);
  product.dispose();
});

test('wasm says why it was taken', async () => {
  const info = await initBackend();
  if (info.name === 'wasm') assert.notEqual(info.note, '');
  else assert.equal(info.name, 'tensorflow');
});
