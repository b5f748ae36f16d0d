import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from './random';

const fixture = require('../data/input/fixtures/pixels.json') as {
  sfc32: { seed: string; values: number[] }[];
};

test('draws what another implementation of sfc32 draws', () => {
  for (const { seed, values } of fixture.sfc32) {
    const random = new Random(seed);
    assert.deepEqual(
      values.map(() => random.uint32()),
      values,
    );
  }
  assert.deepEqual(fixture.sfc32[1].values[0], new Random(0).fork('epoch 3').uint32());
});

test('goes on from a stored state, also after a way through JSON', () => {
  const random = new Random('run');
  for (let i = 0; i < 100; i++) random.next();
  const copy = Random.from(JSON.parse(JSON.stringify(random.state)));
  assert.deepEqual(
    Array.from({ length: 20 }, () => copy.next()),
    Array.from({ length: 20 }, () => random.next()),
  );
  assert.equal(copy.fork('x').next(), random.fork('x').next());
});

test('a fork depends on its name only, not on what was drawn before', () => {
  const random = new Random(7);
  const before = random.fork('a').next();
  random.next();
  assert.equal(random.fork('a').next(), before);
  assert.notEqual(random.fork('b').next(), before);
});

test('numbers stay in their range and are spread evenly', () => {
  const random = new Random(1);
  const counts = [0, 0, 0, 0, 0];
  let sum = 0;
  for (let i = 0; i < 50_000; i++) {
    counts[random.integer(3, 7) - 3]++;
    const value = random.uniform(-1, 3);
    assert.ok(value >= -1 && value < 3);
    sum += value;
  }
  // Five standard deviations: 5 sqrt(50 000 * .2 * .8) = 447.
  for (const count of counts) assert.ok(Math.abs(count - 10_000) < 447, `${counts}`);
  assert.ok(Math.abs(sum / 50_000 - 1) < 0.026);
});

test('normal numbers have mean 0, variance 1 and the tails of the distribution', () => {
  const random = new Random('normal');
  const values = Array.from({ length: 40_000 }, () => random.normal());
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const share = (limit: number) => values.filter((value) => Math.abs(value) > limit).length / values.length;
  // Five standard deviations each: .005, .007, and sqrt(p (1 - p) / 40 000) of the shares.
  assert.ok(Math.abs(mean) < 0.025);
  assert.ok(Math.abs(variance - 1) < 0.036);
  assert.ok(Math.abs(share(1) - 0.3173) < 0.012);
  assert.ok(Math.abs(share(2) - 0.0455) < 0.006);
  assert.ok(values.every(Number.isFinite));
});

test('shuffling keeps every element, leaves the list alone and reaches every order', () => {
  const list = [1, 2, 3];
  const orders = new Set(Array.from({ length: 200 }, (_, seed) => new Random(seed).shuffled(list).join('')));
  assert.deepEqual([...orders].sort(), ['123', '132', '213', '231', '312', '321']);
  assert.deepEqual(list, [1, 2, 3]);
});
