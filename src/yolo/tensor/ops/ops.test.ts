// runs on all backends
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { initBackend } from '../backend';
import { takeData } from '../takeData';
import {
  addRelu,
  batchNormFrozen,
  batchNormTraining,
  conv2d,
  convBiasActivation,
  groupNorm,
  leakyRelu,
  maxPool,
  relu,
} from '.';

before(async () => {
  await initBackend();
});

/** PyTorch's value and gradients of sum(value * wave 9); see fixtures/make_fixture.py. */
interface Case {
  op: string;
  x: [number, number, number, number];
  filter: [number, number, number, number];
  size: number;
  stride: number;
  padding: number;
  /** Of the inputs of a max-pooling; those above 0 are kept, unless all are below. */
  shift: number;
  activation: 'none' | 'relu' | 'leaky';
  shape: number[];
  value: number[];
  gradients: number[][];
  mean: number[];
  variance: number[];
}

const CASES: Case[] = JSON.parse(readFileSync(join(__dirname, 'fixtures/ops.json'), 'utf8'));

/** The formula of the fixture's inputs. */
function wave<R extends tf.Rank>(shape: number[], salt: number): tf.Tensor<R> {
  const count = shape.reduce((product, side) => product * side, 1);
  return tf.tensor(
    Float32Array.from({ length: count }, (_, i) => Math.sin(i * 12.9898 + salt * 78.233)),
    shape as tf.ShapeMap[R],
  );
}

type Inputs = tf.Tensor[];
const four = (x: tf.Tensor) => x as tf.Tensor4D;
const one = (x: tf.Tensor) => x as tf.Tensor1D;
const statistics = () => [wave([3], 8).mul(0.5), wave([3], 9).mul(0.2).add(1)].map(one);

function poolInput({ x, shift }: Case): tf.Tensor {
  const shifted = wave(x, 3).add(shift);
  return shift <= -1 ? shifted : shifted.maximum(0);
}

/** Inputs and computation of a case. */
function setUp(c: Case): { inputs: Inputs; compute: (...inputs: Inputs) => tf.Tensor } {
  const normInputs = (channels: number) => [
    wave([2, 4, 5, channels], 5).mul(3).add(1),
    wave([channels], 6).add(2),
    wave([channels], 7),
  ];
  switch (c.op) {
    case 'conv2d':
      return { inputs: [wave(c.x, 1), wave(c.filter, 2)], compute: (x, w) => conv2d(four(x), four(w), c) };
    case 'maxPool':
      return { inputs: [poolInput(c)], compute: (x) => maxPool(four(x), c) };
    case 'convBiasActivation':
      return {
        inputs: [wave([2, 6, 5, 3], 1), wave([3, 3, 3, 4], 2), wave([4], 4)],
        compute: (x, w, b) =>
          convBiasActivation(four(x), four(w), one(b), {
            stride: 2,
            padding: 1,
            alpha: 0.1,
            activation: c.activation,
          }),
      };
    case 'batchNormTraining':
      return {
        inputs: normInputs(3),
        compute: (x, g, b) => batchNormTraining(four(x), one(g), one(b), 1e-5).y,
      };
    case 'batchNormFrozen':
      return {
        inputs: normInputs(3),
        compute: (x, g, b) => {
          const [mean, variance] = statistics();
          return batchNormFrozen(four(x), one(g), one(b), mean, variance, 1e-5);
        },
      };
    case 'groupNorm':
      return {
        inputs: normInputs(6),
        compute: (x, g, b) => groupNorm(four(x), one(g), one(b), 2, 1e-5),
      };
    case 'relu':
      return { inputs: [wave([2, 3, 2, 3], 1)], compute: (x) => relu(x) };
    case 'leakyRelu':
      return { inputs: [wave([2, 3, 2, 3], 1)], compute: (x) => leakyRelu(x, 0.1) };
    case 'addRelu':
      return {
        inputs: [wave([2, 3, 2, 3], 1), wave([2, 3, 2, 3], 2)],
        compute: (a, b) => addRelu(a, b),
      };
    default:
      throw new Error(`no such case: ${c.op}`);
  }
}

async function assertClose(actual: tf.Tensor, expected: number[], what: string): Promise<void> {
  const values = await actual.data();
  assert.equal(values.length, expected.length, what);
  const scale = Math.max(...expected.map(Math.abs));
  expected.forEach((wanted, i) => {
    const error = Math.abs(values[i] - wanted) / Math.max(Math.abs(wanted), 0.05 * scale);
    assert.ok(error < 1e-4, `${what} ${i}: ${values[i]} against ${wanted}`);
  });
}

for (const c of CASES) {
  const what = [c.op, c.activation, c.x, c.filter ?? c.size, c.stride, c.padding, c.shift]
    .filter((part) => part !== undefined)
    .join(' ');
  test(`${what}: value and gradients are PyTorch's, and no tensor is left`, async () => {
    const held = tf.memory().numTensors;
    const [y, ...gradients] = tf.tidy(() => {
      const { inputs, compute } = setUp(c);
      const gradients = tf.grads((...xs: Inputs) =>
        compute(...xs)
          .mul(wave(c.shape, 9))
          .sum(),
      )(inputs);
      return [compute(...inputs), ...gradients];
    });
    assert.deepEqual(y.shape, c.shape);
    await assertClose(y, c.value, 'value');
    for (const [i, gradient] of gradients.entries()) {
      await assertClose(gradient, c.gradients[i], `gradient ${i}`);
    }
    tf.dispose([y, ...gradients]);
    assert.equal(tf.memory().numTensors, held);
  });
}

test('batch statistics are the mean and the unbiased variance, as PyTorch moves its running ones', async () => {
  const c = CASES.find(({ op }) => op === 'batchNormTraining')!;
  const { inputs } = setUp(c);
  const held = tf.memory().numTensors;
  const { y, mean, variance } = batchNormTraining(four(inputs[0]), one(inputs[1]), one(inputs[2]), 1e-5);
  await assertClose(mean, c.mean, 'mean');
  await assertClose(variance, c.variance, 'variance');
  assert.equal(tf.memory().numTensors, held + 3);
  tf.dispose([y, mean, variance, ...inputs]);
});

test('a chain of operations leaves only its gradients behind', () => {
  const x = wave<tf.Rank.R4>([2, 8, 8, 3], 1);
  const filters = [wave<tf.Rank.R4>([3, 3, 3, 4], 2), wave<tf.Rank.R4>([3, 3, 4, 4], 3)];
  const held = tf.memory().numTensors;
  const gradients = tf.grads((...w: tf.Tensor[]) => {
    const first = relu(conv2d(x, four(w[0]), { stride: 2, padding: 1 }));
    const second = conv2d(first, four(w[1]), { stride: 1, padding: 1 });
    return addRelu(second, first).sum();
  })(filters);
  assert.equal(tf.memory().numTensors, held + 2);
  tf.dispose([x, ...filters, ...gradients]);
});

test('a gradient handed in from outside is still the caller’s after the backward pass', () => {
  const x = wave<tf.Rank.R4>([1, 2, 2, 3], 1);
  const dy = wave<tf.Rank.R4>([1, 2, 2, 3], 2);
  const dx = tf.grad((input: tf.Tensor) => relu(input))(x, dy);
  assert.equal(dy.isDisposed, false);
  tf.dispose([x, dy, dx]);
});

test('second use of an activation: both gradients add up', async () => {
  const dx = tf.tidy(() => {
    const x = tf.tensor4d([-1, 2, -3, 4], [1, 2, 2, 1]);
    return tf.grad((input: tf.Tensor) => {
      const y = relu(input);
      return addRelu(y, leakyRelu(y, 0.5))
        .mul(tf.tensor4d([1, 10, 100, 1000], [1, 2, 2, 1]))
        .sum();
    })(x);
  });
  assert.deepEqual([...(await takeData(dx))], [0, 20, 0, 2000]);
});

test('the backward pass frees activations on its way and computes no gradient that no one asked for', (t) => {
  if (tf.getBackend() !== 'tensorflow') {
    t.diagnostic('only the native backend has gradients of its own: nothing to check here');
    return;
  }
  const side = 32;
  const x = wave<tf.Rank.R4>([1, side, side, 8], 1);
  const filters = [1, 2, 3, 4].map((salt) => wave<tf.Rank.R4>([3, 3, 8, 8], salt));
  const bytes = x.size * 4;
  let atTheEnd = 0;
  const probe = tf.customGrad((input) => ({
    value: (input as tf.Tensor).clone(),
    gradFunc: (dy: tf.Tensor) => {
      atTheEnd = tf.memory().numBytes;
      return dy.clone();
    },
  }));
  const dy = wave<tf.Rank.R4>([1, side, side, 8], 5);
  const before = tf.memory().numBytes;
  const called = recordKernels(() => {
    const gradients = tf.grads((first, ...rest: tf.Tensor[]) => {
      const geometry = { stride: 1, padding: 1 };
      let y = probe(conv2d(x, four(first), geometry)) as tf.Tensor4D;
      for (const filter of rest) y = relu(conv2d(y, four(filter), geometry));
      return y;
    })(filters, dy);
    tf.dispose(gradients);
  });
  // Alive at the probe: the result, its gradient and what the first convolution saved; filters and theirs are small.
  assert.ok(atTheEnd - before < 3.5 * bytes, `${(atTheEnd - before) / bytes} activations alive`);
  assert.equal(called.filter((name) => name === 'Conv2DBackpropInput').length, 3);
  assert.equal(called.filter((name) => name === 'Conv2DBackpropFilter').length, 4);
  tf.dispose([x, dy, ...filters]);
});

/** Names of TensorFlow's kernels that ran. */
function recordKernels(run: () => void): string[] {
  const backend = tf.backend() as unknown as {
    executeSingleOutput: (name: string, ...rest: unknown[]) => unknown;
  };
  const original = backend.executeSingleOutput;
  const names: string[] = [];
  backend.executeSingleOutput = function (name, ...rest) {
    names.push(name);
    return original.call(this, name, ...rest);
  };
  try {
    run();
  } finally {
    backend.executeSingleOutput = original;
  }
  return names;
}

test('arguments that do not fit are named with what came and what was expected', () => {
  tf.tidy(() => {
    const x = wave<tf.Rank.R4>([1, 4, 4, 3], 1);
    const filter = wave<tf.Rank.R4>([3, 3, 2, 4], 2);
    const geometry = { stride: 1, padding: 1 };
    assert.throws(
      () => conv2d(x, filter, geometry),
      /conv2d: x has 3 channels, filter \[3,3,2,4\] expects 2/,
    );
    assert.throws(
      () => conv2d(wave([4, 4, 3], 1) as unknown as tf.Tensor4D, filter, geometry),
      /conv2d: x has shape \[4,4,3\], expected rank 4/,
    );
    assert.throws(
      () => conv2d(wave([1, 1, 1, 2], 1), filter, { stride: 1, padding: 0 }),
      /padded by 0 is smaller than the window 3 x 3/,
    );
    assert.throws(
      () => conv2d(x, filter, { stride: 0, padding: 1 }),
      /stride is 0, expected a whole number from 1/,
    );
    assert.throws(() => relu(x.toInt()), /relu: x has type int32, expected float32/);
    assert.throws(
      () => maxPool(x, { size: 2, stride: 2, padding: 2 }),
      /padding is 2, expected at most half/,
    );
    assert.throws(
      () => maxPool(x, { size: 7, stride: 2, padding: 1 }),
      /maxPool: x \[1,4,4,3\] padded by 1 is smaller than the window of 7/,
    );
    assert.throws(
      () => groupNorm(x, wave([3], 1), wave([3], 1), 2, 1e-5),
      /groups is 2, expected a divisor of 3/,
    );
    assert.throws(
      () => batchNormTraining(wave([1, 1, 1, 3], 1), wave([3], 1), wave([3], 1), 1e-5),
      /one value a channel, expected at least two/,
    );
    assert.throws(
      () => batchNormFrozen(x, wave([2], 1), wave([3], 1), wave([3], 1), wave([3], 1), 1e-5),
      /gamma has 2 values, expected 3, one a channel/,
    );
  });
});
