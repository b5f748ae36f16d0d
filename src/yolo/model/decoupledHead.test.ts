// runs on both backends
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { initBackend } from '../tensor/backend';
import { Detector } from './detector';
import type { DetectorSpec } from './detectorSpec';
import fixture from './fixtures/decoupled.json';
import { hashed, hashedWeights } from './fixtures/hashedWeights';
import { joinStrides, splitStrides } from './twoStrides';
import { writeSafetensors } from './weights/safetensors';
import { loadWeights, saveWeights } from './weights/weights';

const SPEC: DetectorSpec = {
  backbone: 'resnet18',
  head: 'decoupled',
  inputSize: 96,
  gridSize: 6,
  predictors: 1,
  strides: [16, 32],
  objectness: false,
  headWidth: fixture.width,
  classes: ['a', 'b', 'c'],
};

before(async () => {
  await initBackend();
});

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'decoupled-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function picture(): tf.Tensor4D {
  const [n, height, width, channels] = fixture.input;
  const values = Float32Array.from(hashed(n * height * width * channels, 999), (v) => 2 * v);
  return tf.tensor4d(values, [n, height, width, channels]);
}

/** Every so many values, as the fixture has them. */
function sample(values: ArrayLike<number>, count: number): number[] {
  const every = Math.max(1, Math.floor(values.length / count));
  return Array.from(values).filter((_, index) => index % every === 0);
}

function near(actual: readonly number[], expected: readonly number[], what: string): void {
  assert.equal(actual.length, expected.length);
  const scale = Math.max(...expected.map(Math.abs));
  expected.forEach((value, index) => {
    const error = Math.abs(actual[index] - value);
    assert.ok(error <= 1e-3 * scale, `${what}[${index}]: ${actual[index]}, expected ${value}`);
  });
}

test('a training pass over strides 16 and 32 gives the outputs, gradients and statistics of PyTorch', async () => {
  const detector = new Detector(SPEC);
  detector.initialise(0);
  detector.setBatchNormMode('backbone', 'frozen');
  await inFolder(async (folder) => {
    const path = join(folder, 'hashed.safetensors');
    await writeSafetensors(path, hashedWeights(detector));
    assert.deepEqual((await loadWeights(path, detector)).missing, []);
  });
  const images = picture();
  const held = tf.memory().numTensors;
  const parameters = detector.parameters();
  const pull = tf.tensor(Float32Array.from(hashed(2 * 45 * 7, 77)), fixture.output);
  let outputs: number[] = [];
  const { value, grads } = tf.variableGrads(
    () => {
      const y = detector.forward(images, { training: true });
      assert.deepEqual(y.shape, fixture.output);
      outputs = sample(y.dataSync(), 90);
      return y.mul(pull).sum();
    },
    parameters.map(({ variable }) => variable),
  );
  near(outputs, fixture.values, 'outputs');
  for (const [name, expected] of Object.entries(fixture.gradients)) {
    const { variable, layout } = parameters.find((parameter) => parameter.name === name)!;
    const gradient = grads[variable.name];
    const inFile = layout === 'convolution' ? gradient.transpose([3, 2, 0, 1]) : gradient.clone();
    near(sample(inFile.dataSync(), 12), expected, name);
    inFile.dispose();
  }
  for (const [name, expected] of Object.entries(fixture.statistics)) {
    const { variable } = detector.statistics().find((statistic) => statistic.name === name)!;
    near(sample(variable.dataSync(), 4), expected, name);
  }
  tf.dispose([value, grads, pull]);
  assert.equal(tf.memory().numTensors, held);

  // What is kept of it, folded or not, or read from features, says the same.
  const plain = detector.forward(images);
  const features = detector.features(images);
  assert.deepEqual(features.shape, [2, ...detector.featureShape]);
  const fromFeatures = detector.predictFromFeatures(features);
  detector.fold();
  const folded = detector.forward(images);
  detector.unfold();
  near(Array.from(fromFeatures.dataSync()), Array.from(plain.dataSync()), 'from features');
  near(Array.from(folded.dataSync()), Array.from(plain.dataSync()), 'folded');
  tf.dispose([plain, features, fromFeatures, folded]);
  assert.equal(tf.memory().numTensors, held);
  images.dispose();
  detector.dispose();
});

test('a frozen prefix gives the same outputs and gradients of the rest, and keeps nothing of itself', () => {
  const detector = new Detector(SPEC);
  detector.initialise(0);
  detector.setBatchNormMode('backbone', 'frozen', false);
  const images = picture();
  const step = () => {
    const rest = [...detector.backbone.trained.parameters(), ...detector.head.parameters()];
    const watched = rest.filter(
      ({ name }) => name === 'backbone.layer2.0.conv1.weight' || name === 'head.box.output.bias',
    );
    let kept = 0;
    const { value, grads } = tf.variableGrads(
      () => {
        const y = detector.forward(images, { training: true });
        kept = tf.memory().numBytes;
        return y.square().sum();
      },
      watched.map(({ variable }) => variable),
    );
    const gradients = Object.values(grads).flatMap((gradient) => Array.from(gradient.dataSync()));
    tf.dispose([value, grads]);
    return { kept, gradients };
  };
  const whole = step();
  detector.freezePrefix('layer1');
  assert.ok(
    !detector.backbone.trained
      .parameters()
      .some(({ name }) => /conv1\.weight$|layer1/.test(name) && !/layer[234]/.test(name)),
  );
  const held = tf.memory().numTensors;
  const frozen = step();
  assert.equal(tf.memory().numTensors, held);
  near(frozen.gradients, whole.gradients, 'gradients');
  // Of two pictures: one map of 48 x 48 x 64 numbers and five of 24 x 24 x 64, 2.6 MB; .6 MB of folded filters came.
  assert.ok(whole.kept - frozen.kept > 1.9e6, `${frozen.kept} bytes against ${whole.kept}`);
  assert.throws(
    () => detector.freezePrefix('layer5'),
    /frozenPrefix: is 'layer5', expected .*conv1, layer1, layer2, layer3, layer4/,
  );
  detector.freezePrefix('layer4');
  assert.deepEqual(detector.backbone.trained.parameters(), []);
  images.dispose();
  detector.dispose();
});

test('other input sizes give other grids, one stride gives one, objectness the grid of YOLOv1', async () => {
  for (const [changes, input, output] of [
    [{}, 64, [1, 20, 7]],
    [{ strides: [32], gridSize: 3 }, 128, [1, 16, 7]],
    [{ strides: undefined, objectness: true, gridSize: 3, predictors: 2 }, 96, [1, 3, 3, 13]],
  ] as const) {
    const detector = new Detector({ ...SPEC, ...changes } as DetectorSpec);
    detector.initialise(0);
    const images = tf.zeros<tf.Rank.R4>([1, input, input, 3]);
    const y = detector.forward(images);
    assert.deepEqual(y.shape, output);
    const counted = detector.describe().reduce((sum, { parameters }) => sum + parameters, 0);
    assert.equal(
      counted,
      detector.parameters().reduce((sum, { variable }) => sum + variable.size, 0),
    );
    const statistics = detector.describe().reduce((sum, row) => sum + row.statistics, 0);
    assert.equal(
      statistics,
      detector.statistics().reduce((sum, { variable }) => sum + variable.size, 0),
    );
    tf.dispose([images, y]);
    await inFolder(async (folder) => {
      const path = join(folder, 'weights.safetensors');
      await saveWeights(path, detector);
      assert.deepEqual((await loadWeights(path, detector)).missing, []);
    });
    detector.dispose();
  }
});

test('it starts with classes at .01 and boxes of two cells to each side', () => {
  const detector = new Detector(SPEC);
  detector.initialise(0);
  const biases = Object.fromEntries(
    detector.head.parameters().map(({ name, variable }) => [name, variable.dataSync()]),
  );
  assert.ok(
    biases['head.class.output.bias'].every((bias) => Math.abs(1 / (1 + Math.exp(-bias)) - 0.01) < 1e-6),
  );
  assert.ok(
    biases['head.box.output.bias'].every((bias) => Math.abs(2 * Math.log1p(Math.exp(bias)) - 2.2) < 0.01),
  );
  detector.dispose();
});

test('two strides in one tensor come apart as they were', () => {
  const held = tf.memory().numTensors;
  const coarse = tf.randomNormal<tf.Rank.R4>([2, 3, 3, 5], 0, 1, 'float32', 1);
  const fine = tf.randomNormal<tf.Rank.R4>([2, 6, 6, 2], 0, 1, 'float32', 2);
  const joined = joinStrides(coarse, fine);
  assert.deepEqual(joined.shape, [2, 3, 3, 13]);
  const apart = splitStrides(joined, 2);
  assert.deepEqual(apart.coarse.dataSync(), coarse.dataSync());
  assert.deepEqual(apart.fine.dataSync(), fine.dataSync());
  tf.dispose([coarse, fine, joined, apart.coarse, apart.fine]);
  assert.equal(tf.memory().numTensors, held);
});

test('a description that does not fit is refused with the field', () => {
  const wrong: [Partial<DetectorSpec>, RegExp][] = [
    [{ strides: [8, 16] }, /strides: got \[8,16\], expected \[32\] or \[16, 32\]/],
    [{ gridSize: 3 }, /gridSize: got 3, expected 6, the input's 96 pixels by the stride 16/],
    [{ objectness: true }, /strides: got \[16,32\] with objectness/],
    [{ predictors: 2 }, /predictors: got 2 without objectness, expected 1/],
    [
      { head: 'convolutional', gridSize: 3, strides: undefined },
      /objectness: false: given for a convolutional head/,
    ],
    [{ backbone: 'baseline', inputSize: 128, gridSize: 8 }, /decoupled on a baseline backbone/],
  ];
  for (const [changes, message] of wrong) {
    assert.throws(() => new Detector({ ...SPEC, ...changes }), message);
  }
});
