import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rankCorrelation } from './rankCorrelation';

test('ranks count, not distances; equal values share their ranks', () => {
  assert.equal(rankCorrelation([1, 2, 100], [0.1, 0.2, 0.3]), 1);
  assert.equal(rankCorrelation([1, 2, 3], [3, 2, 1]), -1);
  // Ranks 0 1 2 3 against 0 1.5 1.5 3: 4.5 by the root of 5 x 4.5.
  assert.ok(Math.abs(rankCorrelation([1, 2, 3, 4], [5, 6, 6, 7]) - 4.5 / Math.sqrt(22.5)) < 1e-12);
  assert.ok(Number.isNaN(rankCorrelation([1, 2], [3, 3])));
});
