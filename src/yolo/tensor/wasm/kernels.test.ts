import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { loadWasm } from './backend';

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

/** Values that neither tie nor sit on a kink, the same on every backend. */
const random = (shape: number[], seed: number, low = -1, high = 1) =>
  tf.randomUniform(shape, low, high, 'float32', seed);

/** What losses, models and optimizers are made of, and what an own loss may want beside it. */
const OPERATIONS: Record<string, (x: tf.Tensor) => tf.Tensor> = {
  abs: (x) => x.abs(),
  add: (x) => x.add(random([5], 2)),
  addN: (x) => tf.addN([x, x.square()]),
  atan: (x) => x.atan(),
  atan2: (x) => tf.atan2(x, random([2, 3, 4, 5], 2)),
  batchNorm: (x) => {
    const [mean, offset, scale] = [3, 4, 5].map((seed) => random([5], seed) as tf.Tensor1D);
    return tf.batchNorm(x as tf.Tensor4D, mean, random([5], 2, 0.5, 1) as tf.Tensor1D, offset, scale);
  },
  clipByValue: (x) => x.clipByValue(-0.5, 0.5),
  concat: (x) => tf.concat([x, x.square()], 1),
  div: (x) => random([1, 3, 1, 5], 2).div(x.add(2)),
  exp: (x) => x.exp(),
  gather: (x) => x.gather(tf.tensor1d([1, 0, 1], 'int32')),
  leakyRelu: (x) => x.leakyRelu(0.1),
  log: (x) => x.add(2).log(),
  log1p: (x) => x.log1p(),
  logSigmoid: (x) => x.logSigmoid(),
  logSoftmax: (x) => tf.logSoftmax(x),
  logSumExp: (x) => x.logSumExp(3),
  matMul: (x) => x.reshape([6, 20]).matMul(random([20, 3], 2)),
  max: (x) => x.max(3),
  maximum: (x) => x.maximum(random([2, 3, 4, 5], 2)),
  mean: (x) => x.mean([1, 2]),
  min: (x) => x.min(1),
  minimum: (x) => x.minimum(random([2, 3, 4, 5], 2)),
  moments: (x) => tf.moments(x, [0, 1, 2]).variance,
  mul: (x) => x.mul(random([3, 1, 1], 2)),
  neg: (x) => x.neg(),
  'one-hot mask': (x) =>
    x.mul(tf.cast(tf.oneHot(tf.tensor1d([1, 2], 'int32'), 3), 'float32').reshape([2, 3, 1, 1])),
  // biome-ignore format: the four axes in one line
  pad: (x) => x.pad([[0, 0], [1, 2], [1, 0], [0, 0]]),
  pow: (x) => x.add(2).pow(1.7),
  relu: (x) => x.relu(),
  rsqrt: (x) => x.add(2).rsqrt(),
  sigmoid: (x) => x.sigmoid(),
  sign: (x) => x.sign().mul(x),
  slice: (x) => x.slice([0, 1, 0, 1], [2, 2, 3, 2]),
  softmax: (x) => x.softmax(),
  softplus: (x) => x.softplus(),
  split: (x) => tf.split(x, [2, 3], 3)[0].mul(tf.split(x, [2, 3], 3)[1].max(3, true)),
  sqrt: (x) => x.add(2).sqrt(),
  square: (x) => x.square(),
  squaredDifference: (x) => x.squaredDifference(random([2, 3, 4, 5], 2)),
  stack: (x) => tf.stack([x, x.neg()], 2),
  step: (x) => x.step().mul(x),
  sub: (x) => x.sub(x.sum(3, true)),
  tanh: (x) => x.tanh(),
  tile: (x) => x.tile([1, 2, 1, 1]),
  transpose: (x) => x.transpose([3, 1, 0, 2]),
  unstack: (x) => tf.unstack(x, 1)[1].mul(tf.unstack(x, 1)[2]),
  where: (x) => tf.where(random([2, 3, 4, 5], 2).greater(0), x.square(), x.mul(3)),
};

for (const [name, operation] of Object.entries(OPERATIONS)) {
  test(`value and gradient of ${name} equal the plain backend's`, async () => {
    const input = () => random([2, 3, 4, 5], 1);
    assertEqual(await onBoth(() => operation(input())));
    assertEqual(
      await onBoth(() =>
        tf.grad((x: tf.Tensor) => {
          const y = operation(x);
          return y.mul(tf.linspace(-1, 1.3, y.size).reshape(y.shape)).sum();
        })(input()),
      ),
    );
  });
}
