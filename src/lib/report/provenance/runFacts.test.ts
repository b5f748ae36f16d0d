import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExperimentResult } from 'yolov1/record';
import { differencesOf } from './runFacts';

const differences = (...configs: object[]) =>
  differencesOf(configs.map((config) => ({ record: { config } }) as ExperimentResult));

test('of configurations only what is not the same in all is told, names and seeds apart', () => {
  assert.deepEqual(
    differences(
      { name: 'a', seed: 1, epochs: 5, loss: { kind: 'yolo', coord: 5 }, evaluateAfter: [1, 2] },
      { name: 'b', seed: 2, epochs: 5, loss: { kind: 'sigmoid', coord: 5 }, evaluateAfter: [1] },
    ),
    [
      ['evaluateAfter [1,2]', 'loss.kind yolo'],
      ['evaluateAfter [1]', 'loss.kind sigmoid'],
    ],
  );
});

test('what one lacks is unset', () => {
  assert.deepEqual(differences({ views: { crops: 1 } }, {}), [['views.crops 1'], ['views.crops unset']]);
});

test('a single run has no differences', () => {
  assert.deepEqual(differences({ epochs: 5 }), [[]]);
});
