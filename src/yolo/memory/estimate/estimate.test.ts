import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { Detector } from '../../model/detector';
import type { DetectorSpec } from '../../model/detectorSpec';
import { type BackendInfo, initBackend } from '../../tensor/backend';
import { keepingHalfBits } from '../../tensor/ops/halfBits';
import { AllocationTracker } from '../measure/allocationTracker';
import { PARTS, PHASES } from '../phases';
import { type EstimateOptions, estimateMemory } from './estimate';
import { formatEstimate, formatLayers } from './estimateTable';

let backend: BackendInfo;

before(async () => {
  backend = await initBackend();
});

const ORIGINAL: EstimateOptions = { batch: 16, optimizer: 'adam', trainable: 'all', batchNorm: 'batch' };

function detectorOf(of: Partial<DetectorSpec>): Detector {
  const classes = Array.from({ length: 20 }, (_, i) => `class ${i}`);
  return new Detector({
    backbone: 'baseline',
    head: 'fullyConnected',
    inputSize: 448,
    gridSize: 7,
    predictors: 2,
    classes,
    ...of,
  });
}

test("the original's network: parameters, gradients and slots are counted exactly, and nothing is allocated", () => {
  const { numTensors } = tf.memory();
  const estimate = estimateMemory(detectorOf({}), ORIGINAL);
  assert.equal(estimate.parameters, 40_949_118);
  assert.equal(estimate.trainedParameters, 40_949_118);
  assert.equal(estimate.phases.update.gradients, 4 * 40_949_118);
  assert.equal(estimate.phases.update.optimizer, 8 * 40_949_118);
  // Statistics of BatchNorm: two a channel.
  assert.equal(estimate.phases.load.parameters, 4 * (40_949_118 + 2 * 3968));
  assert.equal(tf.memory().numTensors, numTensors);
});

test('what is kept doubles with the batch, what stands does not', () => {
  const at = (batch: number) => estimateMemory(detectorOf({}), { ...ORIGINAL, batch }).phases.forward;
  assert.equal(at(8).activations, 2 * at(4).activations);
  assert.equal(at(8).optimizer, at(4).optimizer);
  assert.equal(at(8).parameters, at(4).parameters);
});

test('layer by layer: a convolution with BatchNorm on batch statistics keeps its result and the activated one', () => {
  const { layers } = estimateMemory(detectorOf({}), { ...ORIGINAL, batch: 1 });
  const kept = (name: string) => layers.find((layer) => layer.name === name)!.kept;
  assert.equal(kept('backbone.conv1'), 2 * 4 * 224 * 224 * 64);
  // Its result, and a byte a value that says which of the four was largest.
  assert.equal(kept('backbone.pool1'), 5 * 112 * 112 * 64);
  const constant = estimateMemory(detectorOf({}), { ...ORIGINAL, batch: 1, batchNorm: 'constant' });
  assert.equal(constant.layers[0].kept, 4 * 224 * 224 * 64);
});

test('a frozen backbone keeps nothing but its parameters', () => {
  const estimate = estimateMemory(detectorOf({}), { ...ORIGINAL, trainable: 'head' });
  assert.equal(estimate.trainedParameters, 34_277_822);
  for (const { name, kept, trained } of estimate.layers) {
    assert.equal(trained, name.startsWith('head.'));
    assert.ok(trained || kept === 0, name);
  }
  assert.ok(estimate.total < estimateMemory(detectorOf({}), ORIGINAL).total);
});

test('accumulation adds the sum of the gradients; averages add the parameters once more', () => {
  const plain = estimateMemory(detectorOf({}), { ...ORIGINAL, batch: 4 });
  const accumulated = estimateMemory(detectorOf({}), { ...ORIGINAL, batch: 4, accumulation: 4 });
  assert.equal(
    accumulated.phases.backward.gradients - plain.phases.backward.gradients,
    plain.phases.update.gradients,
  );
  const averaged = estimateMemory(detectorOf({}), { ...ORIGINAL, batch: 4, averages: true });
  assert.equal(averaged.phases.forward.averages, plain.phases.load.parameters);
});

test('an answer for a GPU says that it was not measured, and the parts add up to the total everywhere', () => {
  for (const device of ['cpu', 'cuda', 'wasm'] as const) {
    const estimate = estimateMemory(detectorOf({}), { ...ORIGINAL, device });
    assert.equal(estimate.measured, device === 'cpu');
    assert.equal(/not measured on this kind of device/.test(formatEstimate(estimate)), device !== 'cpu');
    for (const phase of PHASES) {
      const sum = PARTS.reduce((total, part) => total + estimate.phases[phase][part], 0);
      assert.ok(Math.abs(sum - estimate.phases[phase].total) < 1, `${device} ${phase}`);
    }
    assert.equal(estimate.need, estimate.phases[estimate.worst].total);
    assert.ok(estimate.total > estimate.need);
  }
});

test('more pictures never need less', () => {
  const detector = detectorOf({ backbone: 'resnet18', head: 'convolutional', inputSize: 224 });
  const options = fc.record({
    batch: fc.integer({ min: 1, max: 64 }),
    optimizer: fc.constantFrom('sgd', 'adam', 'adamw'),
    trainable: fc.constantFrom('head', 'all'),
    batchNorm: fc.constantFrom('batch', 'frozen', 'constant'),
    averages: fc.boolean(),
    device: fc.constantFrom('cpu', 'cuda', 'wasm'),
  });
  fc.assert(
    fc.property(options, (of) => {
      const more = estimateMemory(detector, { ...of, batch: of.batch + 1 } as EstimateOptions);
      assert.ok(estimateMemory(detector, of as EstimateOptions).total <= more.total);
    }),
  );
});

test('the tables name phases, parts and layers', () => {
  const estimate = estimateMemory(detectorOf({}), ORIGINAL);
  const table = formatEstimate(estimate);
  assert.match(table, /^ +load +forward +backward +update +evaluate$/m);
  assert.match(table, /^optimizer slots +- +328 MB +328 MB +328 MB +328 MB$/m);
  assert.match(table, /^Most in the phase '(backward|update)'; with a margin of/m);
  assert.doesNotMatch(table, /averaged weights/);
  assert.match(
    formatLayers(estimate),
    /^backbone\.conv1 +Conv2d \+ BatchNorm2d \+ LeakyReLU +9,536 +411 MB$/m,
  );
});

test('wrong arguments are named', () => {
  assert.throws(
    () => estimateMemory(detectorOf({}), { ...ORIGINAL, batch: 0 }),
    /estimateMemory: options\.batch is 0, expected a whole number above 0/,
  );
});

interface Counted {
  kept: number;
  peak: number;
}

/** Bytes of tensors that a gradient really keeps after its forward pass, and holds at most, by counting them. */
function count(detector: Detector, batch: number, parts: 'head' | 'all', half: boolean): Counted {
  const tracker = new AllocationTracker().start();
  detector.initialise(0);
  const shape = parts === 'all' ? detector.inputShape : detector.featureShape;
  const images = tf.ones<tf.Rank.R4>([batch, ...shape] as [number, number, number, number]);
  const context = { training: true, pictureSeeds: Array.from({ length: batch }, (_, index) => index) };
  const parameters = parts === 'all' ? detector.parameters() : detector.head.parameters();
  const start = tracker.bytes;
  let kept = 0;
  const { value, grads } = tf.variableGrads(
    () => {
      const run = () =>
        parts === 'all' ? detector.forward(images, context) : detector.predictFromFeatures(images, context);
      const y = half ? keepingHalfBits(run) : run();
      kept = tracker.bytes - start;
      tracker.forgetPeak();
      return y.square().sum() as tf.Scalar;
    },
    parameters.map(({ variable }) => variable),
  );
  const peak = tracker.peak - start;
  tf.dispose([value, images, ...Object.values(grads)]);
  detector.dispose();
  tracker.stop();
  return { kept, peak };
}

test('what an estimate says of the two passes is what the tensors of real ones take', (context) => {
  if (backend.name !== 'tensorflow') {
    context.skip("needs TensorFlow's own kernels, whose tensors the estimate counts");
    return;
  }
  const cases = [
    { of: { backbone: 'resnet18', head: 'convolutional', inputSize: 128, gridSize: 4 }, trainable: 'all' },
    { of: { backbone: 'baseline', head: 'convolutional', inputSize: 128, gridSize: 2 }, trainable: 'all' },
    { of: { backbone: 'resnet18', head: 'convolutional', inputSize: 256, gridSize: 8 }, trainable: 'head' },
    {
      of: { backbone: 'resnet18', head: 'convolutional', inputSize: 128, gridSize: 4 },
      trainable: 'all',
      recompute: true,
    },
    {
      of: { backbone: 'baseline', head: 'convolutional', inputSize: 128, gridSize: 2 },
      trainable: 'all',
      recompute: true,
    },
    {
      of: { backbone: 'resnet18', head: 'convolutional', inputSize: 128, gridSize: 4 },
      trainable: 'all',
      halfActivations: true,
    },
  ] as const;
  for (const { of, trainable, ...more } of cases) {
    const recompute = 'recompute' in more;
    const halfActivations = 'halfActivations' in more;
    const detector = detectorOf(of);
    detector.backbone.recompute = recompute;
    const levers = { recompute, halfActivations };
    const { kept, peak } = count(detector, 8, trainable, halfActivations);
    const { layers, phases } = estimateMemory(detector, { ...ORIGINAL, batch: 8, trainable, ...levers });
    const all = layers.reduce((sum, layer) => sum + layer.kept, 0);
    const { backward } = phases;
    const passes = backward.gradients + backward.activations + backward.workspace;
    const told = `${of.backbone}, ${of.head}${recompute ? ', run again' : halfActivations ? ', 16 bits' : ''}: kept ${kept}, estimated ${all}; peak ${peak}, estimated ${passes}`;
    assert.ok(Math.abs(all / kept - 1) < 0.1, told);
    assert.ok(Math.abs(passes / peak - 1) < 0.15, told);
  }
});
