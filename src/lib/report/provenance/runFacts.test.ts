import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredRun } from '../read/storedRun';
import { configDifferences } from './runFacts';

const differences = (...configs: object[]) =>
  configDifferences(configs.map((config) => ({ config }) as StoredRun));

test('of configurations only what is not the same in all is told, names and seeds apart', () => {
  assert.deepEqual(
    differences(
      { name: 'a', seed: 1, epochs: 5, loss: { kind: 'yolo', coord: 5 }, evaluateAfter: [1, 2] },
      { name: 'b', seed: 2, epochs: 5, loss: { kind: 'sigmoid', coord: 5 }, evaluateAfter: [1] },
    ),
    [
      ['loss.kind yolo', 'evaluateAfter [1,2]'],
      ['loss.kind sigmoid', 'evaluateAfter [1]'],
    ],
  );
});

test('a part that one lacks is named once, and a part without a value says so itself', () => {
  const views = { views: { flip: true, crops: 1 } };
  assert.deepEqual(differences(views, {}), [['views.flip true', 'views.crops 1'], ['views unset']]);
  assert.deepEqual(differences(views, { views: null }), [
    ['views.flip true', 'views.crops 1'],
    ['views null'],
  ]);
  assert.deepEqual(differences(views, { views: { flip: true } }), [['views.crops 1'], ['views.crops unset']]);
});

test('a single run has no differences', () => {
  assert.deepEqual(differences({ epochs: 5 }), [[]]);
});
