// runs on both backends
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { originalLoss } from '../loss/originalLoss';
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

function batch() {
  return {
    keys: ['a', 'b', 'c', 'd'],
    images: tf.randomNormal<tf.Rank.R4>([4, 64, 64, 3], 0, 1, 'float32', 3),
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
