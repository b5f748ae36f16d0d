// runs on both backends
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { initBackend } from '../tensor/backend';
import { originalLoss } from './originalLoss';
import { type ProbeRequest, probe } from './probe';
import { sigmoidLoss } from './sigmoidLoss';
import { yoloLoss } from './yoloLoss';

before(async () => {
  await initBackend();
});

function close(actual: number, expected: number, what = ''): void {
  assert.ok(Math.abs(actual - expected) <= 1e-5 * Math.max(1, Math.abs(expected)), `${what} ${actual}`);
}

test("an empty cell's predictor has the squared error's value and pull", () => {
  const before = tf.memory().numTensors;
  const { value, parts, gradient } = probe(yoloLoss(), { confidence: 0.1, gridSize: 1, predictors: 1 });
  close(value, 0.5 * 0.01);
  close(parts.noObject, 0.5 * 0.01);
  close(gradient.empty, 2 * 0.5 * 0.1);
  assert.deepEqual(gradient.objects, []);
  assert.equal(tf.memory().numTensors, before);
});

test('an object has its responsible predictor, whose confidence is compared with the IoU that was asked for', () => {
  const { parts, gradient } = probe(yoloLoss(), { confidence: 0.2, objects: 1, iou: 0.5 });
  close(parts.object, (0.2 - 0.5) ** 2);
  // All but one of the 98 predictors.
  close(parts.noObject, 97 * 0.5 * 0.04);
  const [first, second] = gradient.objects[0].predictors;
  close(first.confidence, 2 * (0.2 - 0.5));
  close(second.confidence, 2 * 0.5 * 0.2);
  close(first.x, 0);
  // Sides are sqrt(.5) of the object's: root 2^-.25 sqrt(1/7).
  close(first.w, 2 * 5 * Math.sqrt(1 / 7) * (0.5 ** 0.25 - 1));
  close(second.w, 0);
  close(gradient.confidence, first.confidence + 97 * 0.2);
});

test('boxes, confidences and classes of a cell can be given by name', () => {
  const box = { left: 0.55, top: 0.1, right: 0.95, bottom: 0.4 };
  const far = { left: 0.5, top: 0, right: 0.6, bottom: 0.1 };
  const near = { ...box, left: 0.65 };
  const predictions = [
    { box: far, confidence: 0.3 },
    { box: near, confidence: 0.4 },
  ];
  const { parts, gradient } = probe(yoloLoss(), {
    confidence: 0,
    objects: [{ box, classIndex: 2, predictions }],
    gridSize: 2,
    classes: 3,
    classOutputs: [0.1, 0.2, 0.3],
  });
  // The second box covers three quarters of the object, and its centre is .05 of the picture further right: .1 cells.
  close(parts.centre, 5 * 0.1 ** 2);
  close(parts.size, 5 * (Math.sqrt(0.3) - Math.sqrt(0.4)) ** 2);
  close(parts.object, (0.4 - 0.75) ** 2);
  close(parts.noObject, 0.5 * 0.09);
  close(parts.class, 0.01 + 0.04 + 0.49);
  const [of] = gradient.objects;
  close(of.predictors[1].x, 2 * 5 * 0.1);
  close(of.predictors[0].x, 0);
  for (const [k, by] of of.classes.entries()) close(by, 2 * [0.1, 0.2, -0.7][k]);
});

test('a confidence is a probability where the loss reads it through a sigmoid', () => {
  const { gradient } = probe(yoloLoss({ confidence: 'sigmoid' }), { confidence: 0.3 });
  close(gradient.empty, 2 * 0.5 * 0.3 ** 2 * 0.7);
});

test("the original's product of sums grows with the batch, in its coding of whole pictures", () => {
  const loss = originalLoss({ confidenceLoss: { kind: 'focalProduct', gamma: 2 } });
  const pull = (pictures: number) =>
    probe(loss, { confidence: { empty: 0.01, object: 0 }, objects: 3, predictors: 1, pictures }).gradient
      .empty;
  const empties = (pictures: number) => pictures * 46;
  for (const pictures of [1, 4]) {
    const [P, M] = [empties(pictures) * 1e-4, 3 * pictures + empties(pictures) * 1e-4];
    close(pull(pictures), 0.5 * 2 * 0.01 * (M + P), `${pictures}`);
  }
});

test('every loss can be asked, and a perfect answer has no part for boxes', () => {
  for (const loss of [yoloLoss(), yoloLoss({ box: 'linear' }), originalLoss(), sigmoidLoss()]) {
    const { value, parts, gradient } = probe(loss, { confidence: 0.5, objects: 4 });
    assert.ok(Number.isFinite(value));
    close(
      Object.values(parts).reduce((sum, part) => sum + part, 0),
      value,
    );
    close(parts.box ?? parts.centre + parts.size, 0);
    assert.ok(gradient.empty > 0);
  }
});

test('what cannot be is said', () => {
  const wrong = (request: ProbeRequest, message: RegExp, loss = yoloLoss()) =>
    assert.throws(() => probe(loss, request), { name: 'UserError', message });
  wrong({ confidence: 0.1, objects: 50 }, /objects is 50, expected a whole number from 0 to 49/);
  wrong({ confidence: 0.1, objects: 1, iou: 0 }, /iou is 0, expected a number above 0/);
  wrong({ confidence: 1 }, /confidence is 1, but this loss's passes a sigmoid/, sigmoidLoss());
  const box = { left: 0.1, top: 0.1, right: 0.2, bottom: 0.2 };
  wrong({ confidence: 0.1, objects: [{ box }, { box }], gridSize: 1 }, /two objects share a cell/);
  wrong(
    { confidence: 0.1, objects: [{ box, predictions: [] }] },
    /got 0 predictions of an object, expected 2/,
  );
});
