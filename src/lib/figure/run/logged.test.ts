import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExperimentResult } from 'yolov1';
import { logged } from './logged';

const metrics: ExperimentResult['metrics'] = [
  { kind: 'step', epoch: 1, step: 1, loss: 3, gradientNorm: 5 },
  { kind: 'step', epoch: 1, step: 2, loss: 2 },
  { kind: 'epoch', epoch: 1, step: 2, loss: 2.5 },
];

test('a value is read by update or by epoch, in order', () => {
  assert.deepEqual(logged({ metrics }, 'step', 'loss'), [3, 2]);
  assert.deepEqual(logged({ metrics }, 'epoch', 'loss'), [2.5]);
});

test('an update that did not record the value is left out', () => {
  assert.deepEqual(logged({ metrics }, 'step', 'gradientNorm'), [5]);
  assert.deepEqual(logged({ metrics }, 'epoch', 'gradientNorm'), []);
});
