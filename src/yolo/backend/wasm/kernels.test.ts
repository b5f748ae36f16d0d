import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { loadWasm } from '../wasmBackend';

// The reference is TensorFlow.js's own plain backend, slow and complete.
before(async () => {
  await loadWasm();
});
after(() => tf.setBackend('wasm'));

async function onBoth(compute: () => tf.Tensor): Promise<[number[], number[]]> {
  const results: number[][] = [];
  for (const backend of ['wasm', 'cpu']) {
    await tf.setBackend(backend);
    const held = tf.memory().numTensors;
    const values: number[] = [];
    tf.tidy(() => {
      values.push(...compute().dataSync());
    });
    assert.equal(tf.memory().numTensors, held, `tensors left on ${backend}`);
    results.push(values);
  }
  return results as [number[], number[]];
}

function assertEqual([actual, expected]: [number[], number[]]): void {
  assert.equal(actual.length, expected.length);
  const scale = Math.max(...expected.map(Math.abs));
  expected.forEach((wanted, i) => {
    assert.ok(Math.abs(actual[i] - wanted) <= 3e-6 * scale, `${i}: ${actual[i]} against ${wanted}`);
  });
}

for (const stride of [1, 2, 3]) {
  for (const pad of ['valid', 'same'] as const) {
    test(`gradients of a convolution with stride ${stride} and ${pad} padding equal the plain backend's`, async () => {
      const gradients = (which: 0 | 1) => () =>
        tf.grads((x, w) =>
          tf
            .conv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, pad)
            .square()
            .sum(),
        )([
          tf.randomUniform([2, 9, 7, 3], -1, 1, 'float32', 1),
          tf.randomUniform([3, 2, 3, 4], -1, 1, 'float32', 2),
        ])[which];
      assertEqual(await onBoth(gradients(0)));
      assertEqual(await onBoth(gradients(1)));
    });
  }
}

test('gradient of gather: rows that were taken twice get both gradients', async () => {
  assertEqual(
    await onBoth(() =>
      tf.grad((x) =>
        tf
          .gather(x, tf.tensor1d([2, 0, 2, 3], 'int32'))
          .mul(tf.range(0, 12).reshape([4, 3]))
          .sum(),
      )(tf.zeros([5, 3])),
    ),
  );
});

test('gradient of a max-pooling equals the plain backend’s, where all values are negative too', async () => {
  for (const shift of [0, -5]) {
    assertEqual(
      await onBoth(() =>
        tf.grad((x) =>
          tf
            .maxPool(x as tf.Tensor4D, 3, 2, 'same')
            .square()
            .sum(),
        )(tf.randomUniform([2, 7, 6, 3], -1, 1, 'float32', 3).add(shift)),
      ),
    );
  }
});
