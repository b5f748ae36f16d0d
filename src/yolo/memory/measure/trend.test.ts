import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { trendOf } from './trend';

const noise = (i: number) => Math.sin(i * 12.9898) * 5;

test('a steady rise is found with its slope', () => {
  const trend = trendOf(Array.from({ length: 100 }, (_, i) => 1000 + 2 * i + noise(i)));
  assert.equal(trend.rising, true);
  assert.ok(Math.abs(trend.perSample - 2) < 0.05, `${trend.perSample}`);
});

test('noise, a fall, and a rise below a hundredth are no trend', () => {
  assert.equal(trendOf(Array.from({ length: 100 }, (_, i) => 1000 + noise(i))).rising, false);
  assert.equal(trendOf(Array.from({ length: 100 }, (_, i) => 1000 - 2 * i)).rising, false);
  assert.equal(trendOf(Array.from({ length: 100 }, (_, i) => 1000 + 0.05 * i)).rising, false);
  assert.equal(trendOf(Array(50).fill(7)).rising, false);
});

test('one jump early on does not look like a leak', () => {
  const series = Array.from({ length: 60 }, (_, i) => (i < 5 ? 1000 : 1500));
  assert.equal(trendOf(series).perSample, 0);
  assert.equal(trendOf(series).rising, false);
});

test('a long series is thinned without losing its slope', () => {
  const trend = trendOf(Array.from({ length: 5000 }, (_, i) => 1e6 + 3 * i));
  assert.ok(Math.abs(trend.perSample - 3) < 1e-9);
  assert.equal(trend.rising, true);
});

test('whatever rises by more than a fiftieth, step by step, is found', () => {
  fc.assert(
    fc.property(fc.integer({ min: 8, max: 300 }), fc.integer({ min: 100, max: 1e6 }), (n, level) => {
      const step = level / (25 * (n - 1));
      assert.equal(trendOf(Array.from({ length: n }, (_, i) => level + i * step)).rising, true);
    }),
  );
});
