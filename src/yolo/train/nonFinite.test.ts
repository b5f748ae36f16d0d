// runs on both backends
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import type { Parameter } from '../model/layers/layer';
import { initBackend } from '../tensor/backend';
import { Optimizer } from './optimizer';
import { Trainer } from './trainer';

before(async () => {
  await initBackend();
});

test('a loss or gradient that is no finite number stops the step with its parts and pictures; no weight has moved', async () => {
  const held = tf.memory().numTensors;
  for (const [name, message] of [
    ['log', /^step 1: loss -?Infinity \(box -?Infinity, class 2\), .*pictures 2007\/a, 2007\/b\. Lower/],
    [
      'sqrt',
      /^step 1: loss 2 \(box 0, class 2\), gradient norm (Infinity|NaN); pictures 2007\/a, 2007\/b\. Lower/,
    ],
  ] as const) {
    const variable = tf.tidy(() => tf.variable(tf.zeros([1, 1, 1, 1]))) as tf.Variable;
    const parameter: Parameter = { name: 'w', kind: 'weight', layout: 'vector', variable };
    const optimizer = new Optimizer({ kind: 'sgd' }, [{ parameters: [parameter], learningRate: 0.1 }]);
    const trainer = new Trainer({
      network: { parameters: () => [parameter], statistics: () => [] },
      optimizer,
      forward: (inputs) => inputs.mul(variable) as tf.Tensor4D,
      loss: (predictions) => {
        const box = predictions[name]().sum() as tf.Scalar;
        return { total: box.add(2) as tf.Scalar, parts: { box, class: tf.scalar(2) } };
      },
      async *batches() {
        yield { keys: ['2007/a', '2007/b'], images: tf.ones([2, 1, 1, 1]) as tf.Tensor4D, objects: [[], []] };
      },
      batchesPerEpoch: 1,
      epochs: 1,
      schedule: { kind: 'constant' },
      warmUpSteps: 0,
      clipNorm: null,
      emaDecay: null,
      seed: 0,
    });
    await assert.rejects(trainer.epoch(0).next(), { name: 'UserError', message });
    assert.deepEqual([...variable.dataSync()], [0]);
    assert.equal(trainer.steps, 0);
    trainer.dispose();
    optimizer.dispose();
    variable.dispose();
  }
  assert.equal(tf.memory().numTensors, held);
});
