// runs on both backends
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { UserError } from '../core/errors';
import { encodePredictions } from '../grid/encodePredictions';
import { encodeGrid } from '../grid/gridTarget';
import { initBackend } from '../tensor/backend';
import type { DetectionLoss } from './detectionLoss';
import { originalLoss } from './originalLoss';
import { sigmoidLoss } from './sigmoidLoss';
import { type YoloLossOptions, yoloLoss } from './yoloLoss';

// One picture, one cell, centre (.5, .5), size .16 x .36: roots .4 and .6.
const BOX = { left: 0.42, top: 0.32, right: 0.58, bottom: 0.68 };
const TARGET = encodeGrid([[{ classIndex: 1, box: BOX }]], { gridSize: 1, classes: 2 });

function partsOf(loss: DetectionLoss, cell: number[], target = TARGET): Record<string, number> {
  const before = tf.memory().numTensors;
  const x = tf.tensor4d(cell, [1, 1, 1, cell.length]);
  const { total, parts } = loss(x, target);
  const values = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.dataSync()[0]]));
  tf.dispose([x, total, Object.values(parts)]);
  assert.equal(tf.memory().numTensors, before);
  return values;
}

function assertParts(actual: Record<string, number>, expected: Record<string, number>) {
  assert.deepEqual(Object.keys(actual), Object.keys(expected));
  for (const [name, value] of Object.entries(expected)) {
    assert.ok(Math.abs(actual[name] - value) < 2e-6, `${name}: ${actual[name]}, expected ${value}`);
  }
}

describe('yoloLoss', () => {
  before(async () => {
    await initBackend();
  });

  it("is the paper's equation, by hand", () => {
    // The first predictor has the object's box, moved by .04 in x: three quarters of it overlap.
    const first = [0.54, 0.5, 0.4, 0.6, 0.3];
    const second = [0.9, 0.9, 0.1, 0.1, 0.2];
    const iou = (0.16 - 0.04) / (0.16 + 0.04);
    assertParts(partsOf(yoloLoss(), [...first, ...second, 0.4, 0.7]), {
      centre: 5 * 0.04 ** 2,
      size: 0,
      object: (0.3 - iou) ** 2,
      noObject: 0.5 * 0.2 ** 2,
      class: 0.4 ** 2 + 0.3 ** 2,
    });
    // The predictors the other way round: the second is responsible.
    assertParts(partsOf(yoloLoss(), [...second, ...first, 0.4, 0.7]), {
      centre: 5 * 0.04 ** 2,
      size: 0,
      object: (0.3 - iou) ** 2,
      noObject: 0.5 * 0.2 ** 2,
      class: 0.4 ** 2 + 0.3 ** 2,
    });
  });

  it('compares square roots of the sizes', () => {
    const outputs = [0.5, 0.5, 0.5, 0.8, 0, 0, 1];
    const size = 5 * (0.1 ** 2 + 0.2 ** 2);
    assert.ok(Math.abs(partsOf(yoloLoss(), outputs).size - size) < 2e-6);
    // The same box by linear outputs.
    const linear = [0.5, 0.5, 0.25, 0.64, 0, 0, 1];
    assert.ok(Math.abs(partsOf(yoloLoss({ box: 'linear' }), linear).size - size) < 1e-4);
  });

  it('without any overlap takes the predictor with the smallest RMSE, or the first, as told', () => {
    const far = [0.05, 0.05, 0.1, 0.1, 0.5];
    const near = [0.3, 0.3, 0.2, 0.2, 0.5];
    const cell = [...far, ...near, 0, 1];
    const centre = (x: number) => 5 * 2 * (x - 0.5) ** 2;
    assert.ok(Math.abs(partsOf(yoloLoss(), cell).centre - centre(0.3)) < 2e-6);
    assert.ok(Math.abs(partsOf(yoloLoss({ withoutOverlap: 'first' }), cell).centre - centre(0.05)) < 2e-6);
  });

  it('prefers the least overlap to the smallest RMSE', () => {
    const touching = [0.05, 0.5, Math.sqrt(0.75), 0.6, 0];
    const near = [0.38, 0.5, 0.2, 0.6, 0];
    const { centre } = partsOf(yoloLoss(), [...near, ...touching, 0, 1]);
    assert.ok(Math.abs(centre - 5 * 0.45 ** 2) < 2e-6, `${centre}`);
  });

  it('covers the other predictor of an object cell in the no-object part only by default', () => {
    const cell = [0.5, 0.5, 0.4, 0.6, 1, 0.5, 0.5, 0.1, 0.1, 0.6, 0, 1];
    assert.ok(Math.abs(partsOf(yoloLoss(), cell).noObject - 0.5 * 0.36) < 2e-6);
    assert.equal(partsOf(yoloLoss({ noObject: 'emptyCells' }), cell).noObject, 0);
  });

  it('takes 1 as confidence target if told', () => {
    const cell = [0.54, 0.5, 0.4, 0.6, 0.3, 0, 1];
    assert.ok(Math.abs(partsOf(yoloLoss({ confidenceTarget: 'one' }), cell).object - 0.49) < 2e-6);
  });

  it('divides by the pictures unless told to sum, or by those of the effective batch', () => {
    const object = { classIndex: 0, box: BOX };
    const target = encodeGrid([[object], [], [object], []], { gridSize: 1, classes: 2 });
    const x = tf.ones([4, 1, 1, 7]) as tf.Tensor4D;
    const total = (options: YoloLossOptions, pictures?: number) => {
      const value = yoloLoss(options)(x, target, pictures ? { pictures, objects: 2 } : undefined);
      const number = value.total.dataSync()[0];
      tf.dispose([value.total, Object.values(value.parts)]);
      return number;
    };
    const sum = total({ reduction: 'sum' });
    assert.ok(Math.abs(total({}) - sum / 4) < 1e-5);
    assert.ok(Math.abs(total({}, 16) - sum / 16) < 1e-5);
    assert.ok(Math.abs(total({ reduction: 'sum' }, 16) - sum) < 1e-5);
    x.dispose();
  });

  it('is zero for a perfect prediction, in every coding', () => {
    const objects = [
      { classIndex: 0, box: { left: 0.1, top: 0.2, right: 0.4, bottom: 0.3 } },
      { classIndex: 3, box: { left: 0.5, top: 0.55, right: 1, bottom: 0.95 } },
    ];
    const target = encodeGrid([objects], { gridSize: 3, classes: 4 });
    for (const box of ['sqrt', 'linear', 'picture', 'sigmoid', 'wideSigmoid'] as const) {
      const loss = yoloLoss({ box });
      const { data, shape } = encodePredictions(target, { coding: loss.description.coding, predictors: 2 });
      const x = tf.tensor4d(data as Float32Array, shape as [number, number, number, number]);
      const value = loss(x, target);
      assert.ok(value.total.dataSync()[0] < 1e-9, `${box}: ${value.total.dataSync()[0]}`);
      tf.dispose([x, value.total, Object.values(value.parts)]);
    }
  });

  it('spreads a share of the class target over all classes, in cells with an object only', () => {
    const object = { classIndex: 1, box: { left: 0.1, top: 0.1, right: 0.5, bottom: 0.5 } };
    const target = encodeGrid([[object], []], { gridSize: 1, classes: 4 });
    const cell = [0, 0, 0, 0, 0, 0.1, 0.2, 0.3, 0.4];
    const x = tf.tensor4d([...cell, ...cell], [2, 1, 1, 9]);
    const value = yoloLoss({ labelSmoothing: 0.2, reduction: 'sum' })(x, target);
    const wanted = [0, 1, 2, 3].map((index) => (index === object.classIndex ? 0.85 : 0.05));
    const byHand = wanted.reduce((sum, p, index) => sum + (cell[5 + index] - p) ** 2, 0);
    assert.ok(Math.abs(value.parts.class.dataSync()[0] - byHand) < 1e-6);
    tf.dispose([x, value.total, Object.values(value.parts)]);
  });

  it('says how its outputs are to be read, what it is divided by and whether it can be accumulated', () => {
    assert.deepEqual(yoloLoss().description, {
      name: 'yolo',
      coding: { box: 'sqrt', confidence: 'linear', classes: 'linear' },
      reduction: 'divided by the number of pictures',
      parts: ['centre', 'size', 'object', 'noObject', 'class'],
      accumulable: true,
      notAccumulable: undefined,
    });
    assert.equal(originalLoss().description.coding.box, 'picture');
    const product = originalLoss({ confidenceLoss: { kind: 'focalProduct' } }).description;
    assert.equal(product.accumulable, false);
    assert.match(product.notAccumulable!, /product of two sums/);
    const focal = yoloLoss({ confidenceLoss: { kind: 'focalCrossEntropy' } }).description;
    assert.equal(focal.coding.confidence, 'sigmoid');
    assert.match(focal.reduction, /number of objects/);
  });

  it('refuses options that are unknown, out of range or contradict each other', () => {
    const fails = (options: object, message: RegExp) =>
      assert.throws(
        () => yoloLoss(options as YoloLossOptions),
        (error) => error instanceof UserError && message.test(error.message),
      );
    fails({ lamdaCoord: 1 }, /unknown option 'lamdaCoord', did you mean 'lambdaCoord'\?/);
    fails({ lambdaCoord: -1 }, /lambdaCoord is -1, expected a number, 0 or more/);
    fails({ lambdaNoobj: Number.NaN }, /lambdaNoobj is NaN/);
    fails({ lambdaNoobj: '1' }, /lambdaNoobj is '1'/);
    fails({ box: 'cube' }, /box is 'cube', expected one of linear, picture, sqrt, sigmoid/);
    fails({ rootEpsilon: 0 }, /rootEpsilon is 0/);
    fails({ labelSmoothing: 2 }, /labelSmoothing is 2, expected a number, 0 to 1/);
    fails({ reduction: 'max' }, /reduction is 'max', expected one of mean, sum/);
    const confidenceLoss = { kind: 'focalCrossEntropy' };
    fails({ confidenceLoss, confidence: 'linear' }, /confidence is 'linear', expected one of sigmoid/);
    fails({ confidenceLoss, confidenceTarget: 'iou' }, /confidenceTarget is 'iou', expected one of one/);
  });

  it('refuses predictions, targets and counts that do not fit each other', () => {
    const loss = yoloLoss();
    const check = (shape: number[], message: RegExp, dtype: 'float32' | 'int32' = 'float32') => {
      const x = tf.zeros(shape, dtype);
      assert.throws(() => loss(x as tf.Tensor4D, TARGET), message);
      x.dispose();
    };
    check(
      [1, 1, 1, 8],
      /yolo: predictions has shape \[1,1,1,8\], expected \[N, S, S, 5B \+ 2\] with a whole B/,
    );
    check([1, 1, 1, 2], /expected \[N, S, S, 5B \+ 2\] with a whole B above 0/);
    check([1, 2, 1, 7], /predictions has shape \[1,2,1,7\]/);
    check([1, 1, 7], /predictions has shape \[1,1,7\]/);
    check([2, 1, 1, 7], /target is of 1 picture and grid size 1, expected those of predictions, 2 and 1/);
    check([1, 2, 2, 7], /expected those of predictions, 1 and 2/);
    check([1, 1, 1, 7], /yolo: predictions is int32, expected float32/, 'int32');
    const x = tf.zeros([1, 1, 1, 7]) as tf.Tensor4D;
    assert.throws(() => loss(x, TARGET, { pictures: 0, objects: 1 }), /counts is 0 pictures and 1 object/);
    x.dispose();
  });
});

describe('sigmoidLoss', () => {
  before(async () => {
    await initBackend();
  });

  it('is what one computes by hand', () => {
    // Output 0: offset .5, size .25 x .25. Object .16 x .36 around the same centre.
    const both = 0.16 * 0.25;
    const union = 0.16 * 0.36 + 0.0625 - both;
    const iou = both / union;
    const enclosing = 0.25 * 0.36;
    const giou = iou - (enclosing - union) / enclosing;
    const bce = (z: number, t: number) => Math.log(1 + Math.exp(z)) - t * z;
    const logSum = Math.log(Math.exp(1) + Math.exp(2));
    assertParts(partsOf(sigmoidLoss(), [0, 0, 0, 0, 0.7, 1, 2]), {
      box: 5 * (1 - giou),
      object: bce(0.7, iou),
      noObject: 0,
      class: -(0.025 * (1 - logSum) + 0.975 * (2 - logSum)),
    });
    // A second predictor, far from the object, has target 0.
    const two = partsOf(sigmoidLoss({ boxWeight: 1, labelSmoothing: 0 }), [
      ...[-9, -9, -3, -3, 0.3],
      ...[0, 0, 0, 0, 0.7],
      ...[1, 2],
    ]);
    assertParts(two, { box: 1 - giou, object: bce(0.7, iou), noObject: bce(0.3, 0), class: logSum - 2 });
  });

  it('refuses options that are unknown or out of range', () => {
    const make = (options: object) => () => sigmoidLoss(options);
    assert.throws(
      make({ overlap: 'siou' }),
      /sigmoidLoss: overlap is 'siou', expected one of iou, giou, diou, ciou, squared/,
    );
    assert.throws(make({ labelSmoothing: 1.5 }), /labelSmoothing is 1\.5, expected a number, 0 to 1/);
    assert.throws(make({ boxWeight: -1 }), /boxWeight is -1/);
    assert.throws(make({ assignment: 'all' }), /assignment is 'all', expected one of cell, neighbours/);
    assert.throws(make({ labelSmooting: 0 }), /did you mean 'labelSmoothing'/);
  });
});
