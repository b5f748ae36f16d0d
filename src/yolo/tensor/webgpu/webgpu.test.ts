// runs on all backends
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { MemoryGuard, MemoryLimitError } from '../../memory/measure/guard';
import { isOutOfMemory } from '../../memory/measure/outOfMemory';
import { memoryProbe } from '../../memory/measure/probe';
import { initBackend } from '../backend';
import { settle } from '../settle';
import { takeData } from '../takeData';
import { whyNotLoaded } from './adapter';
import { changeOnGpu } from './changeInPlace';

let skip: string | false = false;
before(async () => {
  const { name } = await initBackend();
  skip = name === 'webgpu' ? false : `needs the WebGPU backend; this is ${name}`;
});

/** Runs only on WebGPU; elsewhere it is skipped, and says so. */
function onGpu(what: string, body: () => Promise<void>): void {
  test(what, async (context) => {
    if (skip) context.skip(skip);
    else await body();
  });
}

const gpuBytes = () => memoryProbe('webgpu', undefined as never).read();
/** A tensor that is larger than the device's largest buffer. */
function tooMany(): tf.Tensor {
  const { maxBufferSize } = (tf.backend() as WebGPUBackend).device.limits;
  const row = 2 ** 20;
  return tf.tidy(() => tf.ones([1, row]).tile([Math.floor(maxBufferSize / (4 * row)) + 1, 1]));
}

test('why Dawn did not load is one line', () => {
  assert.equal(
    whyNotLoaded("Cannot find package 'webgpu' imported from a.js", 'linux x64'),
    'WebGPU is not installed; run: npm install webgpu@0.6.2',
  );
  assert.equal(
    whyNotLoaded("Cannot find module '/n/webgpu/dist/freebsd-x64/dawn.node'\nRequire stack:", 'freebsd x64'),
    'WebGPU has no build for freebsd x64',
  );
  assert.equal(whyNotLoaded('bad ELF\nmore', 'linux x64'), 'WebGPU does not load (bad ELF)');
});

onGpu('as many tensors as gradients have are added, which is more than a device takes at once', async () => {
  const tensors = Array.from({ length: 69 }, (_, index) => tf.tensor1d([index, 1]));
  const before = tf.memory().numTensors;
  const sum = tf.addN(tensors);
  assert.deepEqual([...(await sum.data())], [(69 * 68) / 2, 69]);
  assert.equal(tf.memory().numTensors, before + 1);
  tf.dispose([sum, tensors]);
});

onGpu(
  'sums and means over the first axes and over all are those of the numbers, and leave nothing',
  async () => {
    // 2,000 rows of 70 numbers are several parts and two tiles; 128 x 512 are as many as are summed in two stages.
    for (const [shape, axis, keepDims] of [
      [[20, 100, 70], [0, 1], true],
      [[3, 70], 0, false],
      [[128, 512], [0, 1], false],
      [[128, 512], [0, 1], true],
    ] as const) {
      const x = tf.randomUniform([...shape], -1, 1, 'float32', 1);
      const numbers = await x.data();
      const columns = shape.length === 2 && axis !== 0 ? 1 : (shape.at(-1) as number);
      const expected = new Float64Array(columns);
      for (const [index, number] of numbers.entries()) expected[index % columns] += number;
      const before = tf.memory().numTensors;
      for (const [result, divisor] of [
        [x.sum([axis].flat(), keepDims), 1],
        [x.mean([axis].flat(), keepDims), x.size / columns],
      ] as const) {
        const got = await result.data();
        assert.equal(result.rank, keepDims ? shape.length : shape.length - [axis].flat().length);
        assert.ok(
          expected.every((sum, column) => Math.abs(got[column] * divisor - sum) < 1e-6 * x.size + 1e-3),
          `${shape}: ${got[0] * divisor}, expected ${expected[0]}`,
        );
        result.dispose();
      }
      assert.equal(tf.memory().numTensors, before);
      x.dispose();
    }
  },
);

onGpu("a filter's gradient is the sum over all places, in one part or in several", async () => {
  // 32 x 32 places are four parts, 5 x 5 are one; 70 filters are more than a tile, 5 channels no multiple of one.
  for (const [side, filters] of [
    [32, 3],
    [5, 70],
  ]) {
    const [x, dy] = [5, filters].map((channels) =>
      tf.randomUniform<tf.Rank.R4>([1, side, side, channels], -1, 1, 'float32', channels),
    );
    const gradient = tf.tidy(() =>
      tf
        .grad((filter) =>
          tf
            .conv2d(x, filter as tf.Tensor4D, 1, 'same')
            .mul(dy)
            .sum(),
        )(tf.zeros([3, 3, 5, filters]))
        .as1D(),
    );
    const [got, pixels, outer] = await Promise.all([gradient.data(), x.data(), dy.data()]);
    const expected = Float32Array.from(got, (_, index) => {
      const [filter, channel, tap] = [
        index % filters,
        Math.floor(index / filters) % 5,
        Math.floor(index / filters / 5),
      ];
      let sum = 0;
      for (let place = 0; place < side * side; place++) {
        const row = Math.floor(place / side) + Math.floor(tap / 3) - 1;
        const column = (place % side) + (tap % 3) - 1;
        if (Math.min(row, column) < 0 || Math.max(row, column) >= side) continue;
        sum += pixels[(row * side + column) * 5 + channel] * outer[place * filters + filter];
      }
      return sum;
    });
    assert.ok(got.every((value, index) => Math.abs(value - expected[index]) < 1e-4));
    tf.dispose([x, dy, gradient]);
  }
});

onGpu(
  'the gradient of a convolution by its input answers as its result does: <conv(x), dy> = <x, gradient>',
  async () => {
    // 64 x 64 places and 66 channels are enough tiles for the product in tiles; 6 filters are no multiple of four.
    for (const [filters, padding] of [
      [8, 'same'],
      [6, 'valid'],
    ] as const) {
      const x = tf.randomUniform<tf.Rank.R4>([1, 64, 64, 66], -1, 1, 'float32', 1);
      const filter = tf.randomUniform<tf.Rank.R4>([3, 3, 66, filters], -1, 1, 'float32', 2);
      const [left, right, gradient] = tf.tidy(() => {
        const y = tf.conv2d(x, filter, 1, padding);
        const dy = tf.randomUniform(y.shape, -1, 1, 'float32', 3);
        const dx = tf.grad((input) =>
          tf
            .conv2d(input as tf.Tensor4D, filter, 1, padding)
            .mul(dy)
            .sum(),
        )(x);
        return [y.mul(dy).sum(), dx.mul(x).sum(), dx.square().sum()];
      });
      const [[one], [other], [size]] = await Promise.all([left.data(), right.data(), gradient.data()]);
      assert.ok(Math.abs(one - other) < 1e-3 * Math.sqrt(size), `${one}, ${other}`);
      tf.dispose([x, filter, left, right, gradient]);
    }
  },
);

onGpu(
  'a tensor is changed in its own buffer, whatever its size, and its clones keep their numbers',
  async () => {
    // More workgroups than a dispatch takes in one dimension.
    for (const size of [5, 64 * 2 ** 16 + 1]) {
      const change = tf.range(0, size).mod(3) as tf.Tensor1D;
      const variable = tf.tidy(() => tf.variable(tf.ones([size])));
      const clone = variable.clone();
      assert.equal((await variable.data())[0], 1);
      const before = tf.memory().numTensors;
      for (const factor of [2, -1]) {
        const formula = 'old + uniforms.factor * change[index]';
        changeOnGpu(variable, { formula, others: { change }, constants: { factor } });
        if (factor === 2) clone.dispose();
      }
      assert.equal(tf.memory().numTensors, before - 1);
      const changed = await variable.data();
      assert.deepEqual([changed[0], changed[1], changed[size - 1]], [1, 2, 1 + ((size - 1) % 3)]);
      const shared = variable.clone();
      changeOnGpu(variable, { formula: 'old * uniforms.factor', constants: { factor: 3 } });
      assert.deepEqual([(await shared.data())[1], (await variable.data())[1]], [2, 6]);
      tf.dispose([change, variable, shared]);
    }
  },
);

onGpu('a tensor that is read synchronously says what to do instead', async () => {
  const x = tf.tensor1d([1, 2]).add(tf.tensor1d([3, 4])) as tf.Tensor1D;
  const y = tf.matMul(x.reshape([2, 1]), x.reshape([1, 2])).relu();
  assert.deepEqual([...(await y.data())], [16, 24, 24, 36]);
  const z = tf.tidy(() =>
    tf
      .ones([64, 64])
      .matMul(tf.ones([64, 64]))
      .relu(),
  );
  assert.throws(() => z.dataSync(), { name: 'UserError', message: /^dataSync: .*await tensor\.data\(\)/ });
  tf.dispose([x, y, z]);
});

onGpu("the memory that is read is the backend's own buffers", async () => {
  const before = gpuBytes();
  const x = tf.ones([1024, 1024]).add(1);
  await x.sum().data();
  assert.ok(gpuBytes() - before >= 4 * 1024 * 1024, `${gpuBytes() - before}`);
  x.dispose();
});

onGpu('memory that ends is told by the next read, the pool is given back, and it computes on', async () => {
  const big = tooMany();
  await assert.rejects(takeData(big.sum()), isOutOfMemory);
  big.dispose();
  assert.deepEqual([...(await takeData(tf.tensor1d([1]).add(1)))], [2]);
});

onGpu(
  'the guard halves a batch that does not fit, and an update that does not fit ends in words',
  async () => {
    const tracker = { mark: () => 0, disposeSince: () => {} } as never;
    const guard = new MemoryGuard({ microBatch: 2, probe: memoryProbe('webgpu', tracker), tracker });
    const sizes = await guard.run(2, async (slices) => {
      const [{ start, end }] = slices;
      const x = end - start === 2 ? tooMany() : tf.zeros([4]).add(1);
      await takeData(x.sum());
      return slices.length;
    });
    assert.equal(sizes, 2);
    const update = async () => {
      tooMany().dispose();
    };
    await assert.rejects(guard.runWhole(update), MemoryLimitError);
  },
);

// The last one: nothing computes after it.
onGpu('a lost device ends reads and updates in words that say how to go on', async () => {
  const x = tf.ones([64, 64]).add(1);
  await x.data();
  (tf.backend() as WebGPUBackend).device.destroy();
  const lost = { name: 'UserError', message: /^the graphics processor was lost \(.*\): .* --resume/ };
  await assert.rejects(takeData(x.matMul(x).sum()), lost);
  await assert.rejects(settle(), lost);
});
