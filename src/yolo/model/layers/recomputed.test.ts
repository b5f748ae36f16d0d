// runs on both backends
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { Random } from '../../core/random';
import { initBackend } from '../../tensor/backend';
import { Detector } from '../detector';
import type { DetectorSpec } from '../detectorSpec';
import { ConvBlock } from './convBlock';
import { Dropout } from './dropout';
import type { ForwardContext } from './layer';
import { recomputed } from './recomputed';
import { Sequential } from './sequential';

before(async () => {
  await initBackend();
});

const SIDE = 64;
const TRAINING: ForwardContext = { training: true, pictureSeeds: [1, 2] };

interface Pass {
  /** Gradients by parameter. */
  gradients: Map<string, Float32Array>;
  statistics: Float32Array[];
  loss: number;
  leaked: number;
}

function pass(spec: DetectorSpec, batchNorm: 'batch' | 'frozen' | 'constant', recompute: boolean): Pass {
  const detector = new Detector(spec);
  detector.initialise(3);
  detector.setBatchNormMode('backbone', batchNorm === 'batch' ? 'batch' : 'frozen', batchNorm !== 'constant');
  detector.backbone.recompute = recompute;
  const images = tf.randomNormal<tf.Rank.R4>([2, SIDE, SIDE, 3], 0, 1, 'float32', 5);
  const parameters = detector.parameters().filter(({ kind }) => batchNorm !== 'constant' || kind !== 'norm');
  const held = tf.memory().numTensors;
  const { value, grads } = tf.variableGrads(
    () => detector.forward(images, TRAINING).square().mean() as tf.Scalar,
    parameters.map(({ variable }) => variable),
  );
  const gradients = new Map(
    parameters.map(({ name, variable }) => [name, grads[variable.name].dataSync() as Float32Array]),
  );
  const loss = value.dataSync()[0];
  tf.dispose([value, ...Object.values(grads)]);
  const leaked = tf.memory().numTensors - held;
  const statistics = detector.statistics().map(({ variable }) => variable.dataSync() as Float32Array);
  images.dispose();
  detector.dispose();
  return { gradients, statistics, loss, leaked };
}

/** Largest difference by the largest value. */
function difference(a: Float32Array, b: Float32Array): number {
  const most = (values: Float32Array) => values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return most(a.map((value, i) => value - b[i])) / (most(b) || 1);
}

for (const [backbone, batchNorm] of [
  ['resnet18', 'batch'],
  ['resnet18', 'constant'],
  ['baseline', 'frozen'],
] as const) {
  test(`${backbone}, BatchNorm ${batchNorm}: run again, every gradient and statistic is the same, and nothing leaks`, () => {
    const spec: DetectorSpec = {
      ...{
        backbone,
        head: 'convolutional',
        inputSize: SIDE,
        gridSize: SIDE / (backbone === 'resnet18' ? 32 : 64),
      },
      ...{ predictors: 1, classes: ['a', 'b'], headWidth: 32 },
    };
    const plain = pass(spec, batchNorm, false);
    const again = pass(spec, batchNorm, true);
    assert.ok(Math.abs(again.loss / plain.loss - 1) < 1e-6);
    assert.deepEqual([plain.leaked, again.leaked], [0, 0]);
    for (const [name, gradient] of plain.gradients) {
      const error = difference(again.gradients.get(name)!, gradient);
      assert.ok(error < 1e-6, `${name}: ${error}`);
    }
    again.statistics.forEach((values, i) => {
      assert.ok(difference(values, plain.statistics[i]) < 1e-6);
    });
  });
}

test('dropout draws the same masks again; the gradient of the input is there when it is asked for', () => {
  const layer = new Sequential([
    new ConvBlock({ name: 'conv', filters: 8, kernel: 3, activation: 'relu' }),
    new Dropout('dropout', 0.5),
  ]);
  layer.initialise([8, 8, 3], new Random(1));
  const x = tf.randomNormal<tf.Rank.R4>([2, 8, 8, 3], 0, 1, 'float32', 7);
  const gradient = (forward: (input: tf.Tensor) => tf.Tensor) => {
    const held = tf.memory().numTensors;
    const result = tf.grad((input) => forward(input).square().sum())(x);
    const values = result.dataSync() as Float32Array;
    result.dispose();
    assert.equal(tf.memory().numTensors, held);
    return values;
  };
  const plain = gradient((input) => layer.forward(input, TRAINING));
  const again = gradient((input) => recomputed(layer, input, TRAINING));
  assert.ok(difference(again, plain) < 1e-6);
  assert.ok(plain.some((value) => value !== 0));
  layer.dispose();
  x.dispose();
});
