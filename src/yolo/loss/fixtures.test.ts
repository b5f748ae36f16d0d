// runs on all backends
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { encodeGrid } from '../grid/gridTarget';
import { initBackend } from '../tensor/backend';
import type { DetectionLoss } from './detectionLoss';
import fixture from './fixtures/losses.json';
import { originalLoss } from './originalLoss';
import { type SigmoidLossOptions, sigmoidLoss } from './sigmoidLoss';
import { type YoloLossOptions, yoloLoss } from './yoloLoss';

const { gridSize, classes, pictures } = fixture;

const target = encodeGrid(
  Array.from({ length: pictures }, (_, n) =>
    fixture.objects
      .filter(([picture]) => picture === n)
      .map(([, classIndex, left, top, right, bottom]) => ({ classIndex, box: { left, top, right, bottom } })),
  ),
  { gridSize, classes },
);

function makeLoss(name: string, options: unknown): DetectionLoss {
  if (name === 'sigmoid') return sigmoidLoss(options as SigmoidLossOptions);
  return (name === 'original' ? originalLoss : yoloLoss)(options as YoloLossOptions);
}

describe('losses and their gradients are those of PyTorch autograd', () => {
  before(async () => {
    await initBackend();
  });

  for (const { loss: name, options, predictors, predictions, parts, gradient } of fixture.cases) {
    it(`${name}, ${predictors} predictors, ${JSON.stringify(options)}`, async () => {
      const before = tf.memory().numTensors;
      const loss = makeLoss(name, options);
      const x = tf.tensor4d(predictions, [pictures, gridSize, gridSize, 5 * predictors + classes]);
      const value = loss(x, target);
      assert.deepEqual(Object.keys(value.parts), loss.description.parts);
      let sum = 0;
      for (const [part, expected] of Object.entries(parts)) {
        const [actual] = await value.parts[part].data();
        assert.ok(
          Math.abs(actual - expected) <= 1e-5 * Math.max(1, expected),
          `${part}: ${actual}, expected ${expected}`,
        );
        sum += actual;
      }
      const [total] = await value.total.data();
      assert.ok(Math.abs(total - sum) <= 1e-5 * sum, `total: ${total}, its parts add up to ${sum}`);

      const actual = tf.grad((y: tf.Tensor) => loss(y as tf.Tensor4D, target).total)(x);
      const largest = Math.max(...gradient.map(Math.abs));
      (await actual.data()).forEach((g, i) => {
        assert.ok(
          Math.abs(g - gradient[i]) <= 1e-5 * largest,
          `gradient[${i}]: ${g}, expected ${gradient[i]}`,
        );
      });
      tf.dispose([x, value.total, Object.values(value.parts), actual]);
      assert.equal(tf.memory().numTensors, before);
    });
  }
});
