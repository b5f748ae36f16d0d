// runs on both backends
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { VOC_CLASSES } from '../data/classes';
import { initBackend } from '../tensor/backend';
import { Detector } from './detector';
import type { DetectorSpec } from './detectorSpec';
import { fullyConnectedHead } from './heads';
import { formatSummary, totals } from './summary';

const ORIGINAL: DetectorSpec = {
  backbone: 'baseline',
  head: 'fullyConnected',
  inputSize: 448,
  gridSize: 7,
  predictors: 2,
  classes: VOC_CLASSES,
};

before(async () => {
  await initBackend();
});

function parametersOf(rows: { name: string; type: string; parameters: number }[], type?: string): number {
  return rows
    .filter((row) => row.name.startsWith('head.') && (!type || row.type === type))
    .reduce((sum, row) => sum + row.parameters, 0);
}

test('the original’s head has 27.2 M parameters in its dense layers and 34.3 M in all', () => {
  const rows = new Detector(ORIGINAL).describe();
  assert.equal(parametersOf(rows, 'Linear'), 27_197_886);
  assert.equal((parametersOf(rows) / 1e6).toFixed(1), '34.3');
});

test('the paper’s head has 211.5 M parameters in its dense layers and 249.3 M with its four convolutions', () => {
  const head = fullyConnectedHead({
    gridSize: 7,
    depth: 30,
    convolutions: [1024, 1024, 1024, 1024],
    units: 4096,
    norm: 'none',
  });
  const rows = head.describe([7, 7, 1024]);
  assert.equal((parametersOf(rows, 'Linear') / 1e6).toFixed(1), '211.5');
  assert.equal((parametersOf(rows) / 1e6).toFixed(1), '249.3');
});

test('a configuration can ask for the paper’s dense layers on ResNet18, and for a convolutional head of 1 M', () => {
  const resnet = { ...ORIGINAL, backbone: 'resnet18' } as const;
  const wide = new Detector({ ...resnet, headConvolutions: [512, 1024], headWidth: 4096 }).describe();
  assert.equal((parametersOf(wide, 'Linear') / 1e6).toFixed(1), '211.5');
  const small = new Detector({ ...resnet, head: 'convolutional', headWidth: 160 }).describe();
  assert.equal((parametersOf(small) / 1e6).toFixed(1), '1.0');
  assert.throws(
    () => new Detector({ ...resnet, head: 'convolutional', headConvolutions: [8] }),
    /headConvolutions: given for a convolutional head/,
  );
});

test('ResNet18 has torchvision’s parameter count and a 14 x 14 map at 448', () => {
  const detector = new Detector({ ...ORIGINAL, backbone: 'resnet18' });
  assert.deepEqual(detector.featureShape, [14, 14, 512]);
  const backbone = totals(detector.backbone.describe(detector.inputShape));
  // torchvision's resnet18 has 11,689,512 parameters, 513,000 of them in the classifier.
  assert.equal(backbone.parameters, 11_689_512 - 513_000);
  assert.equal(backbone.statistics, 2 * 4800);
});

test('multiply-adds follow from kernel and map: ResNet18 at 224 costs 1.81 G without its classifier', () => {
  const { backbone } = new Detector({ ...ORIGINAL, backbone: 'resnet18', inputSize: 224, gridSize: 7 });
  assert.equal((totals(backbone.describe([224, 224, 3])).multiplyAdds / 1e9).toFixed(2), '1.81');
});

test('the summary is a table with a line of totals', () => {
  const lines = formatSummary(new Detector(ORIGINAL).describe()).split('\n');
  assert.match(lines[0], /^layer +operation +output +parameters +multiply-adds +activations$/);
  assert.match(lines[2], /^backbone\.conv1 +Conv2d +\[224, 224, 64\] +9,408 +472,055,808 +12\.25 MiB$/);
  assert.match(lines.at(-1)!, /^total +40,949,118 +5,187,696,640 +95.72 MiB$/);
});

for (const [backbone, head, gridSize] of [
  ['resnet18', 'convolutional', 4],
  ['resnet18', 'convolutional', 2],
  ['resnet18', 'fullyConnected', 2],
  ['baseline', 'fullyConnected', 2],
  ['baseline', 'convolutional', 2],
] as const) {
  test(`${backbone} with ${head} head gives one vector a cell of a ${gridSize} x ${gridSize} grid and leaks nothing`, () => {
    const before = tf.memory().numTensors;
    const detector = new Detector({
      backbone,
      head,
      inputSize: 128,
      gridSize,
      predictors: 2,
      classes: ['a', 'b', 'c'],
      headWidth: 32,
    });
    detector.initialise(0);
    const held = tf.memory().numTensors;
    const images = tf.randomNormal<tf.Rank.R4>([2, 128, 128, 3], 0, 1, 'float32', 7);
    const plain = detector.forward(images);
    assert.deepEqual(plain.shape, [2, gridSize, gridSize, 13]);
    const training = detector.forward(images, { training: true, pictureSeeds: [1, 2] });
    assert.equal(tf.memory().numTensors, held + 3);
    tf.dispose([images, plain, training]);
    detector.dispose();
    assert.equal(tf.memory().numTensors, before);
  });
}

test('folding BatchNorm into the convolutions changes nothing but rounding', () => {
  const detector = new Detector({
    ...ORIGINAL,
    backbone: 'resnet18',
    inputSize: 64,
    gridSize: 2,
    headWidth: 16,
  });
  detector.initialise(3);
  const images = tf.randomNormal<tf.Rank.R4>([4, 64, 64, 3], 0, 1, 'float32', 5);
  // Running statistics away from 0 and 1, as training leaves them.
  detector.forward(images, { training: true, pictureSeeds: [1, 2, 3, 4] }).dispose();
  const held = tf.memory().numTensors;
  const plain = detector.forward(images);
  detector.fold();
  const folded = detector.forward(images);
  detector.unfold();
  const [difference, scale] = tf.tidy(() => [
    plain.sub(folded).abs().max().dataSync()[0],
    plain.abs().max().dataSync()[0],
  ]);
  assert.ok(difference < 1e-4 * scale, `${difference} against ${scale}`);
  tf.dispose([plain, folded]);
  assert.equal(tf.memory().numTensors, held);
  images.dispose();
  detector.dispose();
});

test('BatchNorm moves its running statistics on batch statistics and leaves them when frozen', () => {
  const detector = new Detector({
    ...ORIGINAL,
    backbone: 'resnet18',
    inputSize: 64,
    gridSize: 2,
    headWidth: 16,
  });
  detector.initialise(3);
  const images = tf.randomNormal<tf.Rank.R4>([2, 64, 64, 3], 2, 1, 'float32', 5);
  const mean = detector.statistics().find(({ name }) => name === 'backbone.bn1.running_mean')!.variable;
  const norm = () => (mean.dataSync() as Float32Array).reduce((sum, value) => sum + value * value, 0);
  const run = () => detector.forward(images, { training: true, pictureSeeds: [1, 2] }).dispose();
  detector.setBatchNormMode('backbone', 'frozen');
  run();
  assert.equal(norm(), 0);
  detector.setBatchNormMode('backbone', 'batch');
  run();
  assert.ok(norm() > 0);
  images.dispose();
  detector.dispose();
});

test('a picture’s dropout mask follows its seed, not its place in the batch', () => {
  const detector = new Detector({ ...ORIGINAL, inputSize: 64, gridSize: 1, headWidth: 64, norm: 'none' });
  detector.initialise(0);
  const images = tf.randomNormal<tf.Rank.R4>([2, 64, 64, 3], 0, 1, 'float32', 5);
  const forward = (x: tf.Tensor4D, pictureSeeds: number[]) =>
    tf.tidy(() => detector.forward(x, { training: true, pictureSeeds }).arraySync() as number[][][][]);
  const both = forward(images, [11, 12]);
  const second = forward(images.slice([1], [1]), [12]);
  second[0][0][0].forEach((value, index) => {
    assert.ok(Math.abs(value - both[1][0][0][index]) < 1e-5);
  });
  assert.notDeepEqual(forward(images, [12, 12])[0], both[0]);
  assert.throws(
    () => detector.forward(images, { training: true }),
    /one seed for each of 2 pictures, got none/,
  );
  images.dispose();
  detector.dispose();
});

test('a grid that the map cannot give is refused with the grids that it can', () => {
  assert.throws(
    () => new Detector({ ...ORIGINAL, backbone: 'resnet18', head: 'convolutional', gridSize: 9 }),
    /gridSize: a 448 pixel input gives a 14 x 14 map, expected a grid of 14 or 7, got 9/,
  );
});

test('a description that no network can be made of is refused by field, in words', () => {
  const refused = (change: object, message: string) =>
    assert.throws(() => new Detector({ ...ORIGINAL, ...change }), { name: 'UserError', message });
  refused({ backbone: 'vgg' }, "backbone: got 'vgg', expected one of resnet18, baseline");
  refused({ head: 'x' }, "head: got 'x', expected one of convolutional, fullyConnected, decoupled");
  refused({ norm: 'layer' }, "norm: got 'layer', expected one of batch, group, none");
  refused({ inputSize: 0 }, 'inputSize: got 0, expected a whole number above 0');
  refused({ inputSize: Number.NaN }, 'inputSize: got NaN, expected a whole number above 0');
  refused({ gridSize: 3.5 }, 'gridSize: got 3.5, expected a whole number above 0');
  refused({ gridSize: 9 }, "gridSize: got 9, expected a divisor of the input's 448 pixels");
  refused({ predictors: 0 }, 'predictors: got 0, expected a whole number above 0');
  refused({ classes: [] }, 'classes: got none, expected the names of one class or more');
  refused({ classes: ['cat', 'cat'] }, "classes: 'cat' stands twice, expected each name once");
  refused({ headWidth: 0 }, 'headWidth: got 0, expected a whole number above 0');
  const convolutional = { head: 'convolutional', backbone: 'resnet18' };
  refused(
    { ...convolutional, inputSize: 440 },
    'inputSize: got 440, expected a multiple of 32 pixels, the stride of resnet18',
  );
  refused(
    { ...convolutional, norm: 'group', headWidth: 40 },
    'headWidth: got 40, expected a multiple of 32, the groups of GroupNorm',
  );
});

test('images and features of another shape or type are refused with what was expected', () => {
  const detector = new Detector({ ...ORIGINAL, backbone: 'resnet18', inputSize: 64, gridSize: 2 });
  const zeros = (...shape: number[]) => tf.zeros<tf.Rank>(shape) as tf.Tensor4D;
  tf.tidy(() => {
    const expected =
      /^UserError: images: got float32 of shape \[1, 32, 64, 3\], expected float32 \[N, 64, 64, 3\]$/;
    assert.throws(() => detector.forward(zeros(1, 32, 64, 3)), expected);
    assert.throws(() => detector.features(zeros(1, 32, 64, 3)), expected);
    assert.throws(() => detector.forward(zeros(64, 64, 3)), /shape \[64, 64, 3\], expected/);
    assert.throws(() => detector.forward(zeros(1, 64, 64, 3).toInt()), /images: got int32/);
    assert.throws(
      () => detector.predictFromFeatures(zeros(1, 3, 3, 512)),
      /features: got float32 of shape \[1, 3, 3, 512\], expected float32 \[N, 2, 2, 512\]/,
    );
  });
});

test('with GroupNorm a picture gives the same alone as in a batch, in training as in evaluation', () => {
  const held = tf.memory().numTensors;
  const detector = new Detector({
    ...ORIGINAL,
    backbone: 'resnet18',
    head: 'convolutional',
    norm: 'group',
    inputSize: 64,
    gridSize: 2,
    headWidth: 32,
    dropout: 0,
  });
  detector.initialise(3);
  assert.deepEqual(detector.statistics(), []);
  const names = detector.parameters().map(({ name }) => name);
  assert.ok(names.includes('backbone.bn1.weight') && names.includes('head.conv1.norm.bias'));
  const images = tf.randomNormal<tf.Rank.R4>([3, 64, 64, 3], 2, 1, 'float32', 5);
  const values = (tensor: tf.Tensor) => {
    const read = [...tensor.dataSync()];
    tensor.dispose();
    return read;
  };
  const both = values(detector.forward(images));
  const second = images.slice([1], [1]);
  const alone = values(detector.forward(second));
  const training = values(detector.forward(images, { training: true, pictureSeeds: [1, 2, 3] }));
  detector.fold();
  const folded = values(detector.forward(images));
  const scale = Math.max(...both.map(Math.abs));
  const close = (a: number[], b: number[]) =>
    a.forEach((value, i) => {
      assert.ok(Math.abs(value - b[i]) < 1e-4 * scale, `${i}: ${value}, expected ${b[i]}`);
    });
  close(alone, both.slice(alone.length, 2 * alone.length));
  close(training, both);
  close(folded, both);
  tf.dispose([images, second]);
  detector.dispose();
  assert.equal(tf.memory().numTensors, held);
});

test('frozen BatchNorm trains the same filters whether its own parameters are trained or taken into them', () => {
  const detector = new Detector({
    ...ORIGINAL,
    backbone: 'resnet18',
    head: 'convolutional',
    inputSize: 64,
    gridSize: 2,
    headWidth: 8,
    dropout: 0,
  });
  detector.initialise(3);
  const images = tf.randomNormal<tf.Rank.R4>([2, 64, 64, 3], 1, 1, 'float32', 5);
  const context = { training: true, pictureSeeds: [1, 2] };
  // Statistics away from 0 and 1.
  detector.forward(images, context).dispose();
  const filters = detector.parameters().filter(({ kind }) => kind === 'weight');
  const gradientsOf = (affineTrained: boolean) => {
    for (const part of ['backbone', 'head'] as const)
      detector.setBatchNormMode(part, 'frozen', affineTrained);
    const { value, grads } = tf.variableGrads(
      () => detector.forward(images, context).square().mean() as tf.Scalar,
      filters.map(({ variable }) => variable),
    );
    const norms = filters.map(({ variable }) => tf.tidy(() => grads[variable.name].norm().dataSync()[0]));
    const total = value.dataSync()[0];
    tf.dispose([value, grads]);
    return [total, ...norms];
  };
  const [trained, constant] = [gradientsOf(true), gradientsOf(false)];
  trained.forEach((norm, i) => {
    assert.ok(norm > 0 && Math.abs(norm - constant[i]) < 1e-3 * norm, `${i}: ${norm}, ${constant[i]}`);
  });
  images.dispose();
  detector.dispose();
});
