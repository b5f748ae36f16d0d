// runs on both backends
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { initBackend } from '../tensor/backend';
import fixture from './fixtures/overlap.json';
import { boxIou } from './iou';
import { type OverlapKind, overlap } from './overlap';

const KINDS: readonly OverlapKind[] = ['iou', 'giou', 'diou', 'ciou'];

/** Values and gradients, without a tensor left. */
function evaluate(boxes: number[][], others: number[][], kind: OverlapKind) {
  const before = tf.memory().numTensors;
  const a = tf.tensor2d(boxes, [boxes.length, 4]);
  const b = tf.tensor2d(others, [others.length, 4]);
  const value = overlap(a, b, kind);
  const [toBoxes, toOthers] = tf.grads((x: tf.Tensor, y: tf.Tensor) => overlap(x, y, kind).sum())([a, b]);
  const result = {
    value: [...value.dataSync()],
    toBoxes: [...toBoxes.dataSync()],
    toOthers: [...toOthers.dataSync()],
  };
  tf.dispose([a, b, value, toBoxes, toOthers]);
  assert.equal(tf.memory().numTensors, before);
  return result;
}

function assertClose(actual: number[], expected: number[], tolerance: number, what: string) {
  assert.equal(actual.length, expected.length);
  actual.forEach((value, i) => {
    const error = Math.abs(value - expected[i]) / Math.max(1, Math.abs(expected[i]));
    assert.ok(error <= tolerance, `${what}[${i}]: ${value}, expected ${expected[i]}`);
  });
}

describe('overlap', () => {
  before(async () => {
    await initBackend();
  });

  it('is what one computes by hand', () => {
    // Two unit squares, one moved by half its side: both 1/2, union 3/2, enclosing box 3/2 x 1.
    const half = [[[0, 0, 1, 1]], [[0.5, 0, 1.5, 1]]] as const;
    assertClose(
      evaluate(
        [...half[0]].map((b) => [...b]),
        [[...half[1][0]]],
        'iou',
      ).value,
      [1 / 3],
      1e-6,
      'iou',
    );
    assertClose(evaluate([[0, 0, 1, 1]], [[0.5, 0, 1.5, 1]], 'giou').value, [1 / 3], 1e-6, 'giou');
    // Centres .5 apart, diagonal of the enclosing box squared 1.5^2 + 1.
    assertClose(
      evaluate([[0, 0, 1, 1]], [[0.5, 0, 1.5, 1]], 'diou').value,
      [1 / 3 - 0.25 / 3.25],
      1e-6,
      'diou',
    );
    assertClose(
      evaluate([[0, 0, 1, 1]], [[0.5, 0, 1.5, 1]], 'ciou').value,
      [1 / 3 - 0.25 / 3.25],
      1e-6,
      'ciou',
    );
    // Apart: no intersection, union 2, enclosing area 3.
    assertClose(evaluate([[0, 0, 1, 1]], [[2, 0, 3, 1]], 'giou').value, [-1 / 3], 1e-6, 'giou');
    // Same centre, 1 x 1 in 2 x 1: v = 4 / pi^2 (arctan 1 - arctan 2)^2.
    const v = (4 / Math.PI ** 2) * (Math.PI / 4 - Math.atan(2)) ** 2;
    const alpha = v / (0.5 + v);
    assertClose(evaluate([[0.5, 0, 1.5, 1]], [[0, 0, 2, 1]], 'ciou').value, [0.5 - alpha * v], 1e-6, 'ciou');
  });

  for (const kind of KINDS) {
    it(`has torchvision's values and gradients: ${kind}`, () => {
      const expected = fixture.kinds[kind as keyof typeof fixture.kinds];
      const actual = evaluate(fixture.boxes, fixture.others, kind);
      assertClose(actual.value, expected.value, 2e-6, 'value');
      assertClose(actual.toBoxes, expected.toBoxes.flat(), 2e-5, 'gradient to boxes');
      assertClose(actual.toOthers, expected.toOthers.flat(), 2e-5, 'gradient to others');
    });

    it(`is finite with its gradient for equal, touching, empty, reversed and far boxes: ${kind}`, () => {
      const boxes = [
        [0.2, 0.2, 0.6, 0.8],
        [0, 0, 0.5, 0.5],
        [0.3, 0.3, 0.3, 0.3],
        [0.3, 0.3, 0.3, 0.9],
        [0.6, 0.2, 0.2, 0.8],
        [0, 0, 1e-20, 1e-20],
        [-1e4, -1e4, -1e4 + 1, 1e4],
        [0.4, 0.4, 0.4, 0.4],
      ];
      const others = [
        [0.2, 0.2, 0.6, 0.8],
        [0.5, 0.5, 1, 1],
        [0.3, 0.3, 0.3, 0.3],
        [0, 0, 1, 1],
        [0, 0, 1, 1],
        [0, 0, 1e-20, 1e-20],
        [0, 0, 1, 1],
        [0, 0, 1, 1],
      ];
      const { value, toBoxes, toOthers } = evaluate(boxes, others, kind);
      assert.ok(
        [...value, ...toBoxes, ...toOthers].every(Number.isFinite),
        `${value} / ${toBoxes} / ${toOthers}`,
      );
      assert.ok(Math.abs(value[0] - 1) < 1e-6, `equal boxes: ${value[0]}`);
    });
  }

  it('is the IoU of the evaluator for any boxes, and never above it in the other kinds', () => {
    const side = fc.double({ min: 0.01, max: 1, noNaN: true });
    const box = fc.tuple(side, side, side, side).map(([l, t, w, h]) => [l, t, l + w, t + h]);
    fc.assert(
      fc.property(box, box, (a, b) => {
        const [iou, giou, diou, ciou] = KINDS.map((kind) => evaluate([a], [b], kind).value[0]);
        const toBox = ([left, top, right, bottom]: number[]) => ({ left, top, right, bottom });
        assert.ok(Math.abs(iou - boxIou(toBox(a), toBox(b))) < 1e-5);
        assert.ok(giou <= iou + 1e-6 && diou <= iou + 1e-6 && ciou <= diou + 1e-6);
        assert.ok(giou >= -1 - 1e-6 && diou >= -1 - 1e-6);
      }),
      { numRuns: 50, seed: 1 },
    );
  });

  it('keeps leading dimensions', () => {
    const boxes = tf.zeros([2, 3, 4]);
    const value = overlap(boxes, boxes, 'giou');
    assert.deepEqual(value.shape, [2, 3]);
    tf.dispose([boxes, value]);
  });

  it('says which argument has the wrong shape or type', () => {
    const a = tf.zeros([2, 4]);
    const three = tf.zeros([2, 3]);
    const other = tf.zeros([3, 4]);
    const whole = tf.zeros([2, 4], 'int32');
    assert.throws(() => overlap(three, a), /overlap: boxes has shape \[2,3\], expected \[\.\.\., 4\]/);
    assert.throws(
      () => overlap(a, other),
      /overlap: others has shape \[3,4\], expected that of boxes, \[2,4\]/,
    );
    assert.throws(() => overlap(a, whole), /overlap: others is int32, expected float32/);
    assert.throws(
      () => overlap(a, a, 'area' as 'iou'),
      /overlap: kind is 'area', expected iou, giou, diou or ciou/,
    );
    tf.dispose([a, three, other, whole]);
  });
});
