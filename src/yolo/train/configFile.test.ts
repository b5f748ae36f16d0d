import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExperimentOverrides } from './config';
import { applySettings } from './configFile';

const OVERRIDES = { name: 'a', epochs: 1, loss: { kind: 'sigmoid' } } as ExperimentOverrides;

test('a setting is JSON, a number without a digit before its point, or else a text', () => {
  const settings = [
    'epochs=3',
    'loss.boxWeight=.5',
    'confidenceBias=-.25',
    'limit=null',
    'name=.5a',
    'seed=007',
  ];
  assert.deepEqual(applySettings(OVERRIDES, settings), {
    name: '.5a',
    epochs: 3,
    loss: { kind: 'sigmoid', boxWeight: 0.5 },
    confidenceBias: -0.25,
    limit: null,
    seed: '007',
  });
  assert.deepEqual(OVERRIDES, { name: 'a', epochs: 1, loss: { kind: 'sigmoid' } }, 'what was given stays');
});
