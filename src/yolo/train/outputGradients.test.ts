// runs on both backends
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { encodeGrid } from '../grid/gridTarget';
import { yoloLoss } from '../loss/yoloLoss';
import { initBackend } from '../tensor/backend';
import { OutputGradients } from './outputGradients';

before(async () => {
  await initBackend();
});

const close = (value: number, expected: number) =>
  assert.ok(Math.abs(value - expected) < 1e-5 * Math.max(1, expected), `${value}, expected ${expected}`);

test("a part's pull at the outputs is the norm of its gradient, over all micro-batches", async () => {
  const loss = yoloLoss({ reduction: 'sum' });
  const target = encodeGrid([[]], { gridSize: 2, classes: 3 });
  // Empty cells, every output .5: of the loss only .5 C^2 of each of 4 x 2 confidences is left.
  const predictions = tf.fill([1, 2, 2, 13], 0.5) as tf.Tensor4D;
  const held = tf.memory().numTensors;
  const outputs = new OutputGradients();
  tf.tidy(() => {
    outputs.note(predictions, (values) => loss(values, target));
    outputs.note(predictions, (values) => loss(values, target));
  });
  const norms = await outputs.norms();
  outputs.dispose();
  // 2 * .5 * .5 for each of 16 confidences.
  close(norms.noObject, 0.5 * 4);
  close(norms.class, 0);
  assert.deepEqual(Object.keys(norms).sort(), [...loss.description.parts].sort());
  assert.equal(tf.memory().numTensors, held);
});
