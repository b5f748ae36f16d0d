// runs on both backends
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import type { GridCoding } from '../grid/coding';
import { encodePredictions } from '../grid/encodePredictions';
import { encodeGrid, type GridObject, sliceTarget } from '../grid/gridTarget';
import { initBackend } from '../tensor/backend';
import type { ConfidenceLoss } from './confidenceLoss';
import { type BatchCounts, countsOf, type DetectionLoss } from './detectionLoss';
import { originalLoss } from './originalLoss';
import { sigmoidLoss } from './sigmoidLoss';
import { yoloLoss } from './yoloLoss';

const GRID = 3;
const CLASSES = 3;
const PREDICTORS = 2;
const DEPTH = 5 * PREDICTORS + CLASSES;
const OBJECTS: GridObject[][] = [
  [
    { classIndex: 0, box: { left: 0.05, top: 0.1, right: 0.35, bottom: 0.4 } },
    { classIndex: 2, box: { left: 0.3, top: 0.3, right: 0.95, bottom: 0.8 } },
  ],
  [],
  [{ classIndex: 1, box: { left: 0.6, top: 0.05, right: 0.7, bottom: 0.55 } }],
  [{ classIndex: 1, box: { left: 0, top: 0, right: 1, bottom: 1 } }],
];
const TARGET = encodeGrid(OBJECTS, { gridSize: GRID, classes: CLASSES });
const SIZE = OBJECTS.length * GRID * GRID * DEPTH;

function evaluate(
  loss: DetectionLoss,
  values: Float32Array | number[],
  target = TARGET,
  counts?: BatchCounts,
) {
  const before = tf.memory().numTensors;
  const x = tf.tensor4d(values, [target.pictures, GRID, GRID, DEPTH]);
  const { value, grad } = tf.valueAndGrad((y: tf.Tensor) => loss(y as tf.Tensor4D, target, counts).total)(x);
  const result = { total: value.dataSync()[0], gradient: grad.dataSync() as Float32Array };
  tf.dispose([x, value, grad]);
  assert.equal(tf.memory().numTensors, before);
  return result;
}

/** Repeatable numbers around 0 with deviation about 1. */
function noise(seed: number, count: number): Float32Array {
  const values = tf.tidy(() => tf.randomNormal([count], 0, 1, 'float32', seed).arraySync() as number[]);
  return Float32Array.from(values);
}

const CONFIDENCE_LOSSES: ConfidenceLoss[] = [
  { kind: 'squared' },
  { kind: 'focal' },
  { kind: 'focal', gamma: 0.5 },
  { kind: 'focalProduct' },
];
// Only losses without a target that is held constant: a difference of losses sees it move.
const SMOOTH: [string, DetectionLoss<GridCoding>][] = [
  ...(['sqrt', 'linear', 'picture', 'sigmoid'] as const).flatMap((box) =>
    CONFIDENCE_LOSSES.map((confidenceLoss): [string, DetectionLoss<GridCoding>] => [
      `yolo ${box} ${JSON.stringify(confidenceLoss)}`,
      yoloLoss({ box, confidenceLoss, iouTargetGradient: true, rootEpsilon: 1e-3 }),
    ]),
  ),
  ['yolo focalCrossEntropy', yoloLoss({ confidenceLoss: { kind: 'focalCrossEntropy' } })],
  ['yolo gate', yoloLoss({ confidence: 'sigmoid', confidenceTarget: 'one' })],
];

describe('gradients of losses', () => {
  before(async () => {
    await initBackend();
  });

  for (const [name, loss] of SMOOTH) {
    it(`is the slope of the loss along a random direction: ${name}`, () => {
      const at = noise(3, SIZE).map((x) => 0.4 + 0.3 * x);
      const direction = noise(4, SIZE);
      const step = 1e-3;
      const moved = (by: number) =>
        evaluate(
          loss,
          at.map((x, i) => x + by * direction[i]),
        ).total;
      const difference = (moved(step) - moved(-step)) / (2 * step);
      const { gradient } = evaluate(loss, at);
      const slope = gradient.reduce((sum, g, i) => sum + g * direction[i], 0);
      const norm = Math.hypot(...gradient);
      assert.ok(
        Math.abs(slope - difference) < 0.02 * norm,
        `${slope}, by difference ${difference}, norm ${norm}`,
      );
    });
  }

  const all: [string, DetectionLoss<GridCoding>][] = [
    ...SMOOTH,
    ...(['iou', 'giou', 'diou', 'ciou', 'squared'] as const).map(
      (overlap): [string, DetectionLoss<GridCoding>] => [`sigmoid ${overlap}`, sigmoidLoss({ overlap })],
    ),
    ...CONFIDENCE_LOSSES.map((confidenceLoss): [string, DetectionLoss<GridCoding>] => [
      `original ${JSON.stringify(confidenceLoss)}`,
      originalLoss({ confidenceLoss }),
    ]),
    ['yolo', yoloLoss()],
  ];

  for (const [name, loss] of all) {
    it(`is finite for outputs of zero, for perfect ones, for huge ones and for negative sizes: ${name}`, () => {
      const perfect = encodePredictions(TARGET, { coding: loss.description.coding, predictors: PREDICTORS });
      const cases: Record<string, Float32Array> = {
        zero: new Float32Array(SIZE),
        perfect: perfect.data as Float32Array,
        'the same box twice': (perfect.data as Float32Array).map((x, i, data) =>
          i % DEPTH >= 5 && i % DEPTH < 9 ? data[i - 5] : x,
        ),
        huge: noise(5, SIZE).map((x) => 100 * x),
        negative: new Float32Array(SIZE).fill(-0.5),
      };
      for (const [what, values] of Object.entries(cases)) {
        const { total, gradient } = evaluate(loss, values);
        assert.ok(Number.isFinite(total), `${what}: total ${total}`);
        assert.ok(gradient.every(Number.isFinite), `${what}: gradient`);
      }
    });
  }

  it('is not led into the box by an IoU target that is held constant', () => {
    const at = noise(3, SIZE).map((x) => 0.4 + 0.3 * x);
    const onlyConfidence = { lambdaCoord: 0 };
    const held = evaluate(yoloLoss(onlyConfidence), at).gradient;
    const led = evaluate(yoloLoss({ ...onlyConfidence, iouTargetGradient: true }), at).gradient;
    const ofBoxes = (gradient: Float32Array) =>
      gradient.filter((_, i) => i % DEPTH < 5 * PREDICTORS && (i % DEPTH) % 5 < 4);
    assert.ok(ofBoxes(held).every((g) => g === 0));
    assert.ok(ofBoxes(led).some((g) => Math.abs(g) > 1e-3));
  });

  for (const [name, loss] of all) {
    it(`${loss.description.accumulable ? 'adds' : 'does not add'} up over micro-batches: ${name}`, () => {
      const values = noise(6, SIZE).map((x) => 0.4 + 0.3 * x);
      const whole = evaluate(loss, values);
      const counts = countsOf(TARGET);
      const perPicture = SIZE / OBJECTS.length;
      let total = 0;
      const gradient: number[] = [];
      for (const [start, end] of [
        [0, 1],
        [1, 2],
        [2, 4],
      ]) {
        const share = evaluate(
          loss,
          values.subarray(start * perPicture, end * perPicture),
          sliceTarget(TARGET, start, end),
          counts,
        );
        total += share.total;
        gradient.push(...share.gradient);
      }
      const largest = Math.max(...whole.gradient.map(Math.abs));
      const error = Math.max(...gradient.map((g, i) => Math.abs(g - whole.gradient[i]))) / largest;
      if (loss.description.accumulable) {
        assert.ok(Math.abs(total - whole.total) < 1e-5 * whole.total, `${total}, whole ${whole.total}`);
        assert.ok(error < 1e-5, `gradient differs by ${error}`);
      } else {
        assert.ok(Math.abs(total - whole.total) > 0.01 * whole.total);
        assert.ok(error > 0.01);
      }
    });
  }

  it('depends on a picture only through that picture', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 1000 }), (picture, seed) => {
        const perPicture = SIZE / OBJECTS.length;
        const values = noise(seed, SIZE);
        const other = values.slice();
        other.set(noise(seed + 1, perPicture), picture * perPicture);
        const [a, b] = [values, other].map((x) => evaluate(sigmoidLoss(), x).gradient);
        for (let i = 0; i < SIZE; i++) {
          if (Math.floor(i / perPicture) !== picture) assert.equal(a[i], b[i]);
        }
      }),
      { numRuns: 10, seed: 1 },
    );
  });
});
