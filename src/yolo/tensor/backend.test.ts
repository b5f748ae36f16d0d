// runs on all backends
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { readEnvironment } from '../core/environment';
import { initBackend } from './backend';
import { takeData } from './takeData';

test('the backend is chosen once, is the one that was forced, and computes', async () => {
  const [first, second] = await Promise.all([initBackend(), initBackend()]);
  assert.equal(first, second);
  assert.equal(tf.getBackend(), first.name);
  const forced = readEnvironment().backend;
  if (forced) assert.equal(first.name, forced);
  assert.match(first.version, /^\d+\.\d+\.\d+/);
  assert.ok(first.cores >= 1);
  const product = tf.tidy(() => tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])));
  assert.deepEqual([...(await takeData(product))], [11]);
});

test('wasm says why it was taken, WebGPU by which processor it computes', async () => {
  const { name, note } = await initBackend();
  if (name !== 'tensorflow') assert.notEqual(note, '');
});
