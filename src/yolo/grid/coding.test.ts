// runs on both backends
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { initBackend } from '../tensor/backend';
import { BOX_CODINGS, type BoxCodingName, codingOf } from './coding';
import { decodeBoxes } from './decodeBoxes';

const NAMES = Object.keys(BOX_CODINGS) as BoxCodingName[];

/** Decoded corners of one predictor in cell (row 1, column 0) of a 2 x 2 grid, and the gradient of their sum. */
function decode(coding: BoxCodingName, output: number[]) {
  const before = tf.memory().numTensors;
  const cell = [...output, 0, 9];
  const empty = [0.5, 0.5, 0.5, 0.5, 0, 9];
  const x = tf.tensor4d([...empty, ...empty, ...cell, ...empty], [1, 2, 2, 6]);
  const boxes = decodeBoxes(x, { coding, classes: 1 });
  assert.deepEqual(boxes.shape, [1, 2, 2, 1, 4]);
  const corners = [...boxes.dataSync()].slice(8, 12);
  const weights = tf.tensor1d([1, 10, 100, 1000]);
  const slope = tf.grad((y: tf.Tensor) =>
    decodeBoxes(y as tf.Tensor4D, { coding, classes: 1 })
      .mul(weights)
      .sum(),
  )(x);
  const slopes = [...slope.dataSync()].slice(12, 18);
  tf.dispose([x, boxes, weights, slope]);
  assert.equal(tf.memory().numTensors, before);
  return { corners, slopes };
}

function assertClose(actual: number[], expected: number[], tolerance = 1e-6) {
  assert.equal(actual.length, expected.length);
  actual.forEach((value, i) => {
    assert.ok(
      Math.abs(value - expected[i]) <= tolerance * Math.max(1, Math.abs(expected[i])),
      `[${actual}], expected [${expected}]`,
    );
  });
}

describe('decodeBoxes', () => {
  before(async () => {
    await initBackend();
  });

  it('reads x and y as offset in the cell, w and h as share of the picture: linear', () => {
    // Centre ((0 + .5) / 2, (1 + .2) / 2).
    const { corners, slopes } = decode('linear', [0.5, 0.2, 0.3, 0.1]);
    assertClose(corners, [0.1, 0.55, 0.4, 0.65]);
    assertClose(slopes, [101 / 2, 1010 / 2, 99 / 2, 990 / 2, 0, 0]);
  });

  it('squares w and h: sqrt', () => {
    const { corners, slopes } = decode('sqrt', [0.5, 0.2, -0.5, 0.4]);
    assertClose(corners, [0.125, 0.52, 0.375, 0.68]);
    assertClose(slopes, [101 / 2, 1010 / 2, (99 / 2) * 2 * -0.5, (990 / 2) * 2 * 0.4, 0, 0]);
  });

  it('reads x and y as share of the picture: picture', () => {
    const { corners, slopes } = decode('picture', [0.5, 0.2, 0.3, 0.1]);
    assertClose(corners, [0.35, 0.15, 0.65, 0.25]);
    assertClose(slopes, [101, 1010, 99 / 2, 990 / 2, 0, 0]);
  });

  it('stretches the sigmoid of x and y, squares that of w and h: sigmoid', () => {
    const { corners, slopes } = decode('sigmoid', [0, 0, 0, Math.log(3)]);
    // Centre (.25, .75), size .25 x .75^2.
    assertClose(corners, [0.125, 0.75 - 0.28125, 0.375, 0.75 + 0.28125]);
    assertClose(slopes, [
      ...[101 * 0.3 * 0.5, 1010 * 0.3 * 0.5],
      ...[(99 / 2) * 2 * 0.5 * 0.25, (990 / 2) * 2 * 0.75 * 0.1875],
      ...[0, 0],
    ]);
  });

  it('keeps predictors of a cell in turn', () => {
    const x = tf.tensor4d([0.5, 0.5, 0.2, 0.4, 9, 0.1, 0.1, 0.1, 0.1, 9, 7], [1, 1, 1, 11]);
    const boxes = decodeBoxes(x, { coding: 'linear', classes: 1 });
    assertClose([...boxes.dataSync()], [0.4, 0.3, 0.6, 0.7, 0.05, 0.05, 0.15, 0.15]);
    tf.dispose([x, boxes]);
  });

  it('refuses another shape or coding', () => {
    const x = tf.zeros([1, 2, 2, 7]) as tf.Tensor4D;
    assert.throws(
      () => decodeBoxes(x, { coding: 'sqrt', classes: 3 }),
      /decodeBoxes: predictions has shape \[1,2,2,7\]/,
    );
    assert.throws(
      () => decodeBoxes(x, { coding: 'cube' as BoxCodingName, classes: 2 }),
      /coding: is 'cube', expected one of linear, picture, sqrt, sigmoid/,
    );
    const whole = x.toInt();
    assert.throws(
      () => decodeBoxes(whole, { coding: 'sqrt', classes: 2 }),
      /decodeBoxes: predictions is int32, expected float32/,
    );
    whole.dispose();
    x.dispose();
  });
});

describe('box codings', () => {
  before(async () => {
    await initBackend();
  });

  it('give the same numbers by tensors and one by one', () => {
    const outputs = [-3, -0.5, 0, 0.2, 1, 4];
    for (const name of NAMES) {
      const coding = BOX_CODINGS[name];
      const [offsets, sizes] = tf.tidy(() => {
        const x = tf.tensor1d(outputs);
        return [coding.offset(x).clone(), coding.size(x).clone()];
      });
      assertClose([...offsets.dataSync()], outputs.map(coding.scalar.offset));
      assertClose([...sizes.dataSync()], outputs.map(coding.scalar.size));
      tf.dispose([offsets, sizes]);
    }
  });

  it('are undone for every centre in the cell and every size up to the picture', () => {
    const share = fc.double({ min: 1e-6, max: 1, noNaN: true });
    for (const name of NAMES) {
      const { offset, offsetOutput, size, sizeOutput } = BOX_CODINGS[name].scalar;
      fc.assert(
        fc.property(share, (value) => {
          assert.ok(Math.abs(offset(offsetOutput(value)) - value) < 1e-9, `${name} offset ${value}`);
          assert.ok(Math.abs(size(sizeOutput(value)) - value) < 1e-6, `${name} size ${value}`);
        }),
        { seed: 1 },
      );
    }
  });

  it('have roots that are the square root of the size, with a finite slope at 0', () => {
    const outputs = [0.04, 0.25, 0.81, 0, -0.25];
    for (const name of NAMES) {
      const coding = BOX_CODINGS[name];
      const x = tf.tensor1d(outputs);
      const [roots, sizes] = tf.tidy(() => [coding.root(x, 1e-6).clone(), coding.size(x).clone()]);
      const slope = tf.grad((y: tf.Tensor) => coding.root(y, 1e-6).sum())(x);
      const values = roots.dataSync();
      sizes.dataSync().forEach((size, i) => {
        // A negative size has a negative root; a squared output's root is the output, sign and all.
        const root = Math.sign(outputs[i]) * Math.sqrt(Math.abs(size));
        const expected = name === 'sigmoid' || name === 'wideSigmoid' ? Math.sqrt(size) : root;
        assert.ok(Math.abs(values[i] - expected) < 1e-4, `${name}: ${values[i]}, expected ${expected}`);
      });
      assert.ok([...slope.dataSync()].every((s) => Number.isFinite(s) && s <= 1001));
      tf.dispose([x, roots, sizes, slope]);
    }
  });

  it('come with the coding of the other outputs that is usual', () => {
    assert.deepEqual(codingOf('sqrt'), { box: 'sqrt', confidence: 'linear', classes: 'linear' });
    assert.deepEqual(codingOf('sigmoid'), { box: 'sigmoid', confidence: 'sigmoid', classes: 'softmax' });
    const own = { box: 'sqrt', confidence: 'sigmoid', classes: 'linear' } as const;
    assert.equal(codingOf(own), own);
  });
});
