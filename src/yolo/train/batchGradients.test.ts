// runs on both backends
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { originalLoss } from '../loss/originalLoss';
import { taskAlignedLoss } from '../loss/taskAlignedLoss';
import { yoloLoss } from '../loss/yoloLoss';
import { Detector } from '../model/detector';
import { initBackend } from '../tensor/backend';
import { batchGradients, gradientDistance } from './batchGradients';

before(async () => {
  await initBackend();
});

const SPEC = {
  backbone: 'baseline',
  head: 'convolutional',
  inputSize: 64,
  gridSize: 1,
  predictors: 2,
  headWidth: 8,
  dropout: 0.3,
  classes: ['disc', 'star'],
} as const;
const OBJECT = { name: 'star', box: { left: 0.2, top: 0.2, right: 0.7, bottom: 0.6 }, difficult: false };

function batch(side = 64) {
  return {
    keys: ['a', 'b', 'c', 'd'],
    images: tf.randomNormal<tf.Rank.R4>([4, side, side, 3], 0, 1, 'float32', 3),
    objects: [[OBJECT], [], [OBJECT], [OBJECT]] as never,
  };
}

test('with frozen BatchNorm the pieces of a batch add up to its gradient, with batch statistics they do not', async () => {
  const detector = new Detector(SPEC);
  detector.initialise(1);
  const held = tf.memory().numTensors;
  const pictures = batch();
  const apart: { distance: number; losses: number }[] = [];
  for (const mode of ['frozen', 'batch'] as const) {
    for (const part of ['backbone', 'head'] as const) detector.setBatchNormMode(part, mode, false);
    const whole = await batchGradients(detector, yoloLoss(), pictures, 4);
    const pieces = await batchGradients(detector, yoloLoss(), pictures, 2);
    const distance = await gradientDistance(whole.gradients, pieces.gradients);
    tf.dispose([...whole.gradients.values(), ...pieces.gradients.values()]);
    apart.push({ distance, losses: whole.total - pieces.total });
  }
  assert.ok(apart[0].distance < 1e-5 && Math.abs(apart[0].losses) < 1e-5, JSON.stringify(apart));
  assert.ok(apart[1].distance > 0.1, JSON.stringify(apart));
  pictures.images.dispose();
  assert.equal(tf.memory().numTensors, held);
  detector.dispose();
});

test('micro-batches of the task-aligned loss give the gradients of the batch, one without an object as well', async () => {
  const detector = new Detector({
    ...{ ...SPEC, backbone: 'resnet18', head: 'decoupled', inputSize: 32, gridSize: 2, strides: [16, 32] },
    ...{ predictors: 1, objectness: false },
  });
  detector.initialise(1);
  for (const part of ['backbone', 'head'] as const) detector.setBatchNormMode(part, 'frozen');
  const held = tf.memory().numTensors;
  const pictures = batch(32);
  const whole = await batchGradients(detector, taskAlignedLoss(), pictures);
  assert.ok(whole.parts.box > 0.1 && whole.parts.class > 0.1, JSON.stringify(whole.parts));
  for (const size of [1, 2]) {
    const cut = await batchGradients(detector, taskAlignedLoss(), pictures, size);
    for (const [part, value] of Object.entries(whole.parts)) {
      const apart = Math.abs(cut.parts[part] - value);
      assert.ok(apart < 1e-5 * whole.total, `${part}: ${apart}`);
    }
    assert.ok(Math.abs(cut.total / whole.total - 1) < 1e-5);
    const distance = await gradientDistance(whole.gradients, cut.gradients);
    assert.ok(distance < 1e-5, `micro-batch ${size}: ${distance}`);
    tf.dispose([...cut.gradients.values()]);
  }
  tf.dispose([pictures.images, ...whole.gradients.values()]);
  assert.equal(tf.memory().numTensors, held);
  detector.dispose();
});

test('a loss that cannot be cut is refused with its reason, and gradients of other networks are not compared', async () => {
  const detector = new Detector(SPEC);
  detector.initialise(1);
  const pictures = batch();
  const product = originalLoss({ confidenceLoss: { kind: 'focalProduct' } });
  await assert.rejects(
    batchGradients(detector, product, pictures, 2),
    /cannot be accumulated \(its noObject part/,
  );
  await assert.rejects(gradientDistance(new Map([['w', pictures.images]]), new Map()), /w is in one of the/);
  pictures.images.dispose();
  detector.dispose();
});
