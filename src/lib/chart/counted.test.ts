import assert from 'node:assert/strict';
import test from 'node:test';
import { counted } from './counted';

test('only one is in the singular, and a plural without an s can be given', () => {
  assert.deepEqual(
    [0, 1, 2].map((count) => counted(count, 'run')),
    ['0 runs', '1 run', '2 runs'],
  );
  assert.equal(counted(1, 'box is', 'boxes are'), '1 box is');
  assert.equal(counted(3, 'box is', 'boxes are'), '3 boxes are');
});
