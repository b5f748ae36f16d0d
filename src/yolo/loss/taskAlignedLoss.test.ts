// runs on both backends
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { distanceLayout } from '../grid/distanceLayout';
import { encodeGrid } from '../grid/gridTarget';
import { initBackend } from '../tensor/backend';
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
    it(`has the parts and gradients of PyTorch autograd: ${options.overlap}`, () => {
      const held = tf.memory().numTensors;
      const loss = taskAlignedLoss(options as TaskAlignedLossOptions);
      const x = tf.tensor3d(fixture.predictions, SHAPE);
      const value = loss(x, TARGET);
      assert.deepEqual(Object.keys(value.parts), loss.description.parts);
      for (const [part, expected] of Object.entries(parts)) {
        near(value.parts[part].dataSync()[0], expected, 1e-5 * expected, part);
      }
      near(value.total.dataSync()[0], parts.box + parts.class, 1e-3, 'total');
      const actual = tf.grad((y: tf.Tensor) => loss(y as tf.Tensor3D, TARGET).total)(x);
      const largest = Math.max(...gradient.map(Math.abs));
      actual.dataSync().forEach((g, i) => {
        near(g, gradient[i], 1e-5 * largest, `gradient[${i}]`);
      });
      tf.dispose([x, value.total, Object.values(value.parts), actual]);
      assert.equal(tf.memory().numTensors, held);
    });
  }

  it('has the slope of a difference, with the assignment held', () => {
    const at = Float32Array.from(fixture.predictions);
    const aligned = assignTaskAligned(at, LAYOUT, OBJECTS);
    const direction = at.map((_, i) => Math.sin(i));
    const value = (x: tf.Tensor) => {
      const { box, classes: sum } = alignedSums(x as tf.Tensor3D, LAYOUT, aligned, 'giou');
      return box.mul(10).add(sum) as tf.Scalar;
    };
    const step = 1e-2;
    const moved = (by: number) =>
      tf.tidy(() =>
        value(
          tf.tensor3d(
            at.map((x, i) => x + by * direction[i]),
            SHAPE,
          ),
        ).arraySync(),
      );
    const difference = (moved(step) - moved(-step)) / (2 * step);
    const gradient = tf.tidy(
      () => tf.grad(value)(tf.tensor3d(at, SHAPE)).reshape([-1]).arraySync() as number[],
    );
    const slope = gradient.reduce((sum, g, i) => sum + g * direction[i], 0);
    near(slope, difference, 0.02 * Math.hypot(...gradient), 'slope');
  });

  it('is finite and of class loss only where no picture holds an object', () => {
    const loss = taskAlignedLoss();
    const x = tf.tensor3d(fixture.predictions, SHAPE).mul(30) as tf.Tensor3D;
    const none = encodeGrid([[], [], []], { gridSize: 1, classes });
    for (const target of [none, TARGET]) {
      const gradient = tf.grad((y: tf.Tensor) => loss(y as tf.Tensor3D, target).total)(x);
      assert.ok(gradient.dataSync().every(Number.isFinite));
      gradient.dispose();
    }
    const { total, parts } = loss(x, none);
    assert.equal(parts.box.dataSync()[0], 0);
    assert.ok(parts.class.dataSync()[0] > 0);
    tf.dispose([x, total, parts]);
  });

  it('refuses other shapes, types and options', () => {
    const loss = taskAlignedLoss();
    assert.equal(loss.description.accumulable, false);
    const wrong = tf.zeros<tf.Rank.R3>([3, 44, 8]);
    assert.throws(() => loss(wrong, TARGET), /\[3,44,8\].*P = S\^2 or 5 S\^2/s);
    const few = tf.zeros<tf.Rank.R3>([2, 45, 8]);
    assert.throws(() => loss(few, TARGET), /3 pictures, expected those of predictions, 2/);
    assert.throws(
      () => taskAlignedLoss({ overlap: 'siou' as 'iou' }),
      /overlap is 'siou', expected one of iou/,
    );
    assert.throws(() => taskAlignedLoss({ boxWeight: -1 }), /boxWeight/);
    tf.dispose([wrong, few]);
  });
});
