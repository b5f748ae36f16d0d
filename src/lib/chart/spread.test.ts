import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mean, spread } from './spread';

test('several measurements are told by their mean, the least and the most, one by itself', () => {
  assert.equal(mean([1, 2, 6]), 3);
  assert.equal(spread([0.1262, 0.1343, 0.1416]), '0.1340 (0.1262 to 0.1416)');
  assert.equal(spread([3.94, 4.79], 1), '4.4 (3.9 to 4.8)');
  assert.equal(spread([0.1648]), '0.1648');
});
