// runs on all backends
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import type { AnnotatedObject } from '../data/annotation';
import { encodeObjects } from '../data/gridObjects';
import { taskAlignedLoss } from '../loss/taskAlignedLoss';
import type { Parameter } from '../model/layers/layer';
import { initBackend } from '../tensor/backend';
import { readsAtOnce } from '../tensor/takeData';
import { microBatchLossOf } from './microBatchLoss';
import { Optimizer } from './optimizer';
import type { StepReport } from './stepReport';
import { Trainer } from './trainer';
import type { TrainerOptions } from './trainerOptions';

before(async () => {
  await initBackend();
});

const CLASSES = ['disc', 'star'];
const object = (name: string, left: number, top: number, right: number, bottom: number): AnnotatedObject => ({
  ...{ name, box: { left, top, right, bottom }, difficult: false },
});
/** Five pictures, so that micro-batches of two don't divide them; one is without an object. */
const OBJECTS = [
  [object('disc', 0.05, 0.1, 0.5, 0.6), object('star', 0.3, 0.3, 0.95, 0.8)],
  [],
  [object('star', 0.6, 0.05, 0.7, 0.55)],
  [object('star', 0, 0, 1, 1), object('disc', 0.1, 0.6, 0.4, 0.9)],
  [object('disc', 0.2, 0.5, 0.5, 0.95)],
];

/** An update of one layer, whose outputs are those of 4 cells a picture: what it says, and its passes forward. */
async function update(changes: Partial<TrainerOptions> = {}) {
  const held = tf.memory().numTensors;
  const loss = taskAlignedLoss();
  const variable = tf.tidy(() => tf.variable(tf.randomNormal([8, 24], 0, 0.3, 'float32', 1)));
  const parameter: Parameter = { name: 'w', kind: 'weight', layout: 'dense', variable };
  const optimizer = new Optimizer({ kind: 'sgd' }, [{ parameters: [parameter], learningRate: 0.1 }]);
  const passes: ('first' | 'again')[] = [];
  const trainer = new Trainer({
    network: { parameters: () => [parameter], statistics: () => [] },
    optimizer,
    forward(inputs, { again, reading }) {
      passes.push(again ? 'again' : 'first');
      const weights = reading?.read(variable) ?? variable;
      return inputs.reshape([-1, 8]).matMul(weights).reshape([-1, 4, 6]) as tf.Tensor3D;
    },
    loss: (predictions, objects, numbers) =>
      loss(predictions, encodeObjects(CLASSES, predictions.shape, objects), undefined, numbers),
    microBatchLoss: microBatchLossOf(loss, { spec: { classes: CLASSES } } as never),
    readsPredictions: true,
    gradientNormsEvery: 1,
    async *batches() {
      const images = tf.randomNormal<tf.Rank.R4>([5, 1, 1, 8], 0, 1, 'float32', 2);
      yield { keys: ['a', 'b', 'c', 'd', 'e'], images, objects: OBJECTS };
    },
    ...{ batchesPerEpoch: 1, epochs: 1, schedule: { kind: 'constant' }, warmUpSteps: 0 },
    ...{ clipNorm: null, emaDecay: null, seed: 3, ...changes },
  });
  const reports: StepReport[] = [];
  for await (const report of trainer.epoch(0)) reports.push(report);
  const { loss: total, parts, gradientNorm, outputGradients } = reports[0];
  const told = [total, ...Object.values(parts), gradientNorm, ...Object.values(outputGradients!)];
  const weights = await variable.data<'float32'>();
  trainer.dispose();
  optimizer.dispose();
  variable.dispose();
  assert.equal(tf.memory().numTensors, held);
  return { passes, told, weights };
}

test('an update by a loss that reads predictions is the same at once, in micro-batches and streamed', async () => {
  const whole = await update();
  assert.ok(whole.told.length === 6 && whole.told.every((value) => value > 0.01), `${whole.told}`);
  for (const changes of [{ microBatch: 1 }, { microBatch: 2 }, { gradients: 'streamed' }] as const) {
    const { told, weights } = await update(changes);
    whole.told.forEach((value, place) => {
      assert.ok(Math.abs(told[place] / value - 1) < 1e-5, `${told}, whole ${whole.told}`);
    });
    whole.weights.forEach((value, place) => {
      assert.ok(Math.abs(weights[place] - value) < 1e-6, `weight ${place}: ${weights[place]}, ${value}`);
    });
  }
});

test('only where predictions cannot be read within a gradient does a pass go before, which changes nothing', async () => {
  const before = readsAtOnce() ? [] : ['again'];
  assert.deepEqual((await update()).passes, [...before, 'first']);
  assert.deepEqual((await update({ microBatch: 3 })).passes, [...before, ...before, 'first', 'first']);
  // Clipped, streamed gradients take a second pass, of the same predictions.
  const streamed = { gradients: 'streamed', clipNorm: 1 } as const;
  assert.deepEqual((await update(streamed)).passes, [...before, 'first', 'again']);
});
