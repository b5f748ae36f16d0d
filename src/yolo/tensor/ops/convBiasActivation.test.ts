// runs on both backends
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { initBackend } from '../backend';
import { addRelu, convBiasActivation } from '.';

before(async () => {
  await initBackend();
});

/** Numbers from a formula, so that every case is the same everywhere. */
function wave<R extends tf.Rank>(shape: tf.ShapeMap[R], salt: number): tf.Tensor<R> {
  const count = (shape as number[]).reduce((product, side) => product * side, 1);
  return tf.tensor<R>(
    Float32Array.from({ length: count }, (_, i) => Math.sin(i * 12.9898 + salt * 78.233)),
    shape,
  );
}

const plain = { stride: 2, padding: 1, alpha: 0.1, activation: 'none' as const };

/** Gradients of the weighted sum of what is computed, after its value. */
function valueAndGradients(compute: (...inputs: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[]): tf.Tensor[] {
  const value = compute(...inputs);
  const weights = wave(value.shape as [number, number, number, number], 9);
  return [
    value,
    ...tf.grads((...xs: tf.Tensor[]) =>
      compute(...xs)
        .mul(weights)
        .sum(),
    )(inputs),
  ];
}

function assertSame(actual: tf.Tensor[], expected: tf.Tensor[]): void {
  assert.equal(actual.length, expected.length);
  actual.forEach((tensor, index) => {
    const error = tf.max(tf.abs(tensor.sub(expected[index]))).dataSync()[0];
    assert.ok(error < 1e-5, `tensor ${index}: off by ${error}`);
  });
}

test('an addend joins before the activation and gets its gradient', () => {
  const held = tf.memory().numTensors;
  tf.tidy(() => {
    const inputs = [
      wave<tf.Rank.R4>([2, 6, 5, 3], 1),
      wave<tf.Rank.R4>([3, 3, 3, 4], 2),
      wave<tf.Rank.R1>([4], 4),
      wave<tf.Rank.R4>([2, 3, 3, 4], 5),
    ];
    const inOne = (...[x, w, b, addend]: tf.Tensor[]) =>
      convBiasActivation(x as tf.Tensor4D, w as tf.Tensor4D, b as tf.Tensor1D, {
        ...plain,
        activation: 'relu',
        addend: addend as tf.Tensor4D,
      });
    const inTwo = (...[x, w, b, addend]: tf.Tensor[]) =>
      addRelu(
        convBiasActivation(x as tf.Tensor4D, w as tf.Tensor4D, b as tf.Tensor1D, plain),
        addend as tf.Tensor4D,
      );
    assertSame(valueAndGradients(inOne, inputs), valueAndGradients(inTwo, inputs));
    const summed = convBiasActivation(...(inputs.slice(0, 3) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor1D]), {
      ...plain,
      addend: inputs[3] as tf.Tensor4D,
    });
    const [x, w, b] = inputs as [tf.Tensor4D, tf.Tensor4D, tf.Tensor1D];
    assertSame([summed], [convBiasActivation(x, w, b, plain).add(inputs[3])]);
  });
  assert.equal(tf.memory().numTensors, held);
});

test('a scale multiplies the filter; the gradient is that of the filter before it', () => {
  const held = tf.memory().numTensors;
  tf.tidy(() => {
    const inputs = [
      wave<tf.Rank.R4>([2, 6, 5, 3], 1),
      wave<tf.Rank.R4>([3, 3, 3, 4], 2),
      wave<tf.Rank.R1>([4], 4),
    ];
    const scale = tf.tensor1d([2, 0.5, -1, 3]);
    const leaky = { ...plain, activation: 'leaky' as const };
    const inside = (...[x, w, b]: tf.Tensor[]) =>
      convBiasActivation(x as tf.Tensor4D, w as tf.Tensor4D, b as tf.Tensor1D, { ...leaky, scale });
    const outside = (...[x, w, b]: tf.Tensor[]) =>
      convBiasActivation(x as tf.Tensor4D, w.mul(scale) as tf.Tensor4D, b as tf.Tensor1D, leaky);
    assertSame(valueAndGradients(inside, inputs), valueAndGradients(outside, inputs));
  });
  assert.equal(tf.memory().numTensors, held);
});

test('a scale or an addend that does not fit is named', () => {
  tf.tidy(() => {
    const x = wave<tf.Rank.R4>([1, 4, 4, 3], 1);
    const filter = wave<tf.Rank.R4>([3, 3, 3, 4], 2);
    const bias = wave<tf.Rank.R1>([4], 3);
    assert.throws(
      () => convBiasActivation(x, filter, bias, { ...plain, scale: tf.tensor1d([1, 2]) }),
      /convBiasActivation: scale has 2 values, expected 4, one a channel/,
    );
    assert.throws(
      () => convBiasActivation(x, filter, bias, { ...plain, addend: x }),
      /convBiasActivation: addend has shape \[1,4,4,3\], expected that of the result, \[1,2,2,4\]/,
    );
  });
});
