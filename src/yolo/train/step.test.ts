// runs on both backends
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import type { Parameter } from '../model/layers/layer';
import { initBackend } from '../tensor/backend';
import { accumulateGradients } from './step';

before(async () => {
  await initBackend();
});

const close = (value: number, expected: number) =>
  assert.ok(Math.abs(value - expected) < 1e-5 * Math.max(1, expected), `${value}, expected ${expected}`);

const vector = (name: string, variable: tf.Variable): Parameter => ({
  name,
  layout: 'vector',
  kind: 'bias',
  variable,
});

test("the micro-batches' own norm tells how much their gradients differ", async () => {
  const variable = tf.variable(tf.tensor1d([1, 1]));
  const parameters = [vector('w', variable)];
  const share = (weights: number[]) => () => {
    const total = variable.mul(weights).sum() as tf.Scalar;
    return { total, parts: { all: total } };
  };
  const noisy = await accumulateGradients([share([3, 0]), share([0, 4])], parameters);
  // Scaled to the batch they are (6, 0) and (0, 8); together (3, 4).
  close(noisy.microNorm!, Math.sqrt((36 + 64) / 2));
  assert.deepEqual([...noisy.gradients.get('w')!.dataSync()], [3, 4]);
  const equal = await accumulateGradients([share([3, 4]), share([3, 4])], parameters);
  close(equal.microNorm!, 10);
  const whole = await accumulateGradients([share([3, 4])], parameters);
  assert.equal(whole.microNorm, undefined);
  tf.dispose([noisy, equal, whole].flatMap(({ gradients }) => [...gradients.values()]));
  variable.dispose();
});

test('a micro-batch that fails leaves nothing of those before it, and what the loss does not depend on has no gradient', async () => {
  const [used, apart] = [tf.variable(tf.tensor1d([1, 1])), tf.variable(tf.tensor1d([1, 1]))];
  const parameters = [vector('used', used)];
  const held = tf.memory().numTensors;
  const pass = () => {
    const total = used.sum() as tf.Scalar;
    return { total, parts: { all: total } };
  };
  const failing = () => {
    pass();
    throw new Error('out of memory');
  };
  await assert.rejects(accumulateGradients([pass, failing], parameters), /^Error: out of memory$/);
  assert.equal(tf.memory().numTensors, held);
  const { gradients } = await accumulateGradients([pass], [...parameters, vector('apart', apart)]);
  assert.deepEqual([...gradients.keys()], ['used']);
  tf.dispose([...gradients.values()]);
  assert.equal(tf.memory().numTensors, held);
  tf.dispose([used, apart]);
});
