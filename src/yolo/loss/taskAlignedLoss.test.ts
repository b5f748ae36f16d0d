// runs on all backends
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { distanceLayout } from '../grid/distanceLayout';
import { encodeGrid, type GridTarget, sliceTarget } from '../grid/gridTarget';
import { initBackend } from '../tensor/backend';
import { readsAtOnce, takeData } from '../tensor/takeData';
import { type BatchCounts, countsOf, type DetectionLoss } from './detectionLoss';
import fixture from './fixtures/taskAligned.json';
import { assignTaskAligned } from './taskAlignedCells';
import { alignedSums, type TaskAlignedLossOptions, taskAlignedLoss } from './taskAlignedLoss';

const { pictures, classes, cells } = fixture;
const SHAPE: [number, number, number] = [pictures, cells, 4 + classes];
const LAYOUT = distanceLayout('test', SHAPE, classes);
const OBJECTS = Array.from({ length: pictures }, (_, n) =>
  fixture.objects
    .filter(([picture]) => picture === n)
    .map(([, classIndex, left, top, right, bottom]) => ({ classIndex, box: { left, top, right, bottom } })),
);
const TARGET = encodeGrid(OBJECTS, { gridSize: 6, classes });

/** The loss of predictions with these numbers, its parts, divisor and gradient; leaves no tensor. */
async function evaluate(loss: DetectionLoss, values: Float32Array, target: GridTarget, counts?: BatchCounts) {
  const held = tf.memory().numTensors;
  const x = tf.tensor3d(values, [target.pictures, cells, 4 + classes]);
  const numbers = readsAtOnce() ? undefined : values;
  const { total, parts, divisor } = loss(x, target, counts, numbers);
  const gradient = tf.grad((y: tf.Tensor) => loss(y as tf.Tensor3D, target, counts, numbers).total)(x);
  const found = {
    ...{ total: (await takeData(total))[0], divisor },
    ...{ box: (await takeData(parts.box))[0], class: (await takeData(parts.class))[0] },
    gradient: await takeData(gradient),
  };
  x.dispose();
  assert.deepEqual([Object.keys(parts), tf.memory().numTensors], [loss.description.parts, held]);
  return found;
}

function near(actual: number, expected: number, tolerance: number, what: string): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what}: ${actual}, expected ${expected}`);
}

describe('taskAlignedLoss', () => {
  before(async () => {
    await initBackend();
  });

  it('assigns the cells that PyTorch code assigns, with their quality', () => {
    const values = Float32Array.from(fixture.predictions);
    const { classIndex, boxes, quality } = assignTaskAligned(values, LAYOUT, OBJECTS);
    const found = Array.from(classIndex).flatMap((index, place) => (index >= 0 ? [place] : []));
    assert.deepEqual(
      found,
      fixture.assignment.map(([n, cell]) => n * cells + cell),
    );
    for (const [n, cell, object, expected] of fixture.assignment) {
      const place = n * cells + cell;
      const [, wanted, ...box] = fixture.objects[object];
      assert.equal(classIndex[place], wanted);
      assert.deepEqual(boxes.subarray(4 * place, 4 * place + 4), Float32Array.from(box));
      near(quality[place], expected, 1e-5, `quality of cell ${cell} in picture ${n}`);
    }
  });

  for (const { options, parts, gradient } of fixture.cases) {
    it(`has the parts and gradients of PyTorch autograd: ${options.overlap}`, async () => {
      const loss = taskAlignedLoss(options as TaskAlignedLossOptions);
      const found = await evaluate(loss, Float32Array.from(fixture.predictions), TARGET);
      near(found.box, parts.box, 1e-5 * parts.box, 'box');
      near(found.class, parts.class, 1e-5 * parts.class, 'class');
      near(found.total, parts.box + parts.class, 1e-3, 'total');
      assert.equal(found.divisor, undefined);
      const largest = Math.max(...gradient.map(Math.abs));
      found.gradient.forEach((g, i) => {
        near(g, gradient[i], 1e-5 * largest, `gradient[${i}]`);
      });
    });
  }

  it('is the sum over micro-batches by the sum of their divisors, also where one holds no object', async () => {
    const values = Float32Array.from(fixture.predictions);
    const perPicture = values.length / pictures;
    // The one small object of the third case has one cell, of a quality below 1.
    for (const [list, cuts] of [
      [OBJECTS, [0, 2, 3]],
      [OBJECTS, [0, 1, 2, 3]],
      [
        [OBJECTS[0].slice(3), [], []],
        [0, 2, 3],
      ],
      [
        [[], [], []],
        [0, 1, 3],
      ],
    ] as const) {
      const target = encodeGrid(list, { gridSize: 6, classes });
      const whole = await evaluate(taskAlignedLoss(), values, target);
      const sum = { total: 0, box: 0, class: 0, divisor: 0, gradient: [] as number[] };
      for (let piece = 1; piece < cuts.length; piece++) {
        const [start, end] = [cuts[piece - 1], cuts[piece]];
        const own = values.slice(start * perPicture, end * perPicture);
        const part = sliceTarget(target, start, end);
        const share = await evaluate(taskAlignedLoss(), own, part, countsOf(target));
        for (const name of ['total', 'box', 'class', 'divisor'] as const) sum[name] += share[name]!;
        sum.gradient.push(...share.gradient);
      }
      const divisor = Math.max(1, sum.divisor);
      for (const name of ['total', 'box', 'class'] as const) {
        near(sum[name] / divisor, whole[name], 1e-5 * whole.total, name);
      }
      const largest = Math.max(...whole.gradient.map(Math.abs));
      whole.gradient.forEach((g, i) => {
        near(sum.gradient[i] / divisor, g, 1e-5 * largest, `gradient[${i}]`);
      });
    }
  });

  it('has the slope of a difference, with the assignment held', async () => {
    const at = Float32Array.from(fixture.predictions);
    const aligned = assignTaskAligned(at, LAYOUT, OBJECTS);
    const direction = at.map((_, i) => Math.sin(i));
    const value = (x: tf.Tensor) => {
      const { box, classes: sum } = alignedSums(x as tf.Tensor3D, LAYOUT, aligned, 'giou');
      return box.mul(10).add(sum) as tf.Scalar;
    };
    const step = 1e-2;
    const moved = async (by: number) => {
      const values = at.map((x, i) => x + by * direction[i]);
      return (await takeData(tf.tidy(() => value(tf.tensor3d(values, SHAPE)))))[0];
    };
    const difference = ((await moved(step)) - (await moved(-step))) / (2 * step);
    const gradient = await takeData(tf.tidy(() => tf.grad(value)(tf.tensor3d(at, SHAPE))));
    const slope = gradient.reduce((sum, g, i) => sum + g * direction[i], 0);
    near(slope, difference, 0.02 * Math.hypot(...gradient), 'slope');
  });

  it('is finite and of class loss only where no picture holds an object', async () => {
    const values = Float32Array.from(fixture.predictions, (x) => 30 * x);
    const none = encodeGrid([[], [], []], { gridSize: 1, classes });
    for (const target of [none, TARGET]) {
      const found = await evaluate(taskAlignedLoss(), values, target);
      assert.ok(found.gradient.every(Number.isFinite));
      assert.equal(found.box === 0, target === none);
      assert.ok(found.class > 0);
    }
  });

  it('refuses other shapes, types, numbers, counts and options', () => {
    const loss = taskAlignedLoss();
    const wrong = tf.zeros<tf.Rank.R3>([3, 44, 8]);
    assert.throws(() => loss(wrong, TARGET), /\[3,44,8\].*P = S\^2 or 5 S\^2/s);
    const few = tf.zeros<tf.Rank.R3>([2, 45, 8]);
    assert.throws(() => loss(few, TARGET), /3 pictures, expected those of predictions, 2/);
    const right = tf.zeros<tf.Rank.R3>(SHAPE);
    assert.throws(
      () => loss(right, TARGET, undefined, new Float32Array(7)),
      /numbers are 7, expected those of predictions, 1080/,
    );
    assert.throws(
      () => loss(right, TARGET, { pictures: 2, objects: 99 }),
      /counts is 2 pictures and 99 objects/,
    );
    assert.throws(
      () => taskAlignedLoss({ overlap: 'siou' as 'iou' }),
      /overlap is 'siou', expected one of iou/,
    );
    assert.throws(() => taskAlignedLoss({ boxWeight: -1 }), /boxWeight/);
    tf.dispose([wrong, few, right]);
  });
});
