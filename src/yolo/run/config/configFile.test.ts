import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ExperimentOverrides, resolveConfig } from './config';
import { applySettings, readConfigFile } from './configFile';

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

const overrides: ExperimentOverrides = {
  name: 'set',
  profile: 'smoke',
  train: ['Scenes/train'],
  evaluate: ['Scenes/val'],
  model: { backbone: 'resnet18', head: 'convolutional', inputSize: 64, gridSize: 2, predictors: 1 },
  loss: { kind: 'sigmoid' },
  epochs: 1,
};

test('what is set in a field that was left out changes its default', () => {
  const { augmentation, schedule, model } = resolveConfig(
    applySettings(overrides, ['augmentation.mosaic=.5', 'schedule.kind=cosine', 'model.inputSize=128']),
  );
  assert.equal(augmentation.mosaic, 0.5);
  assert.deepEqual(augmentation.zoom, { scale: [0.5, 1.4], aspect: [0.8, 1.25] });
  assert.deepEqual(schedule, { kind: 'cosine' });
  assert.deepEqual(model, { ...overrides.model, inputSize: 128 });
});

test('a mistake inside a field is told with the nearest name, or with what was expected', () => {
  const refused = (setting: string, message: RegExp) =>
    assert.throws(() => resolveConfig(applySettings(overrides, [setting])), { name: 'UserError', message });
  refused(
    'model.inputsize=64',
    /^config: unknown field 'model\.inputsize'; did you mean 'model\.inputSize'\?$/,
  );
  refused('views.flips=true', /unknown field 'views\.flips'; did you mean 'views\.flip'\?/);
  refused('augmentation.flp=1', /unknown field 'augmentation\.flp'; did you mean 'augmentation\.flip'\?/);
  refused('augmentation.hsv.exposure=1.5', /'augmentation\.hsv\.saturation' is missing/);
  refused('views={"flip":true}', /'views\.crops' is missing/);
  refused('emaDecay=2', /emaDecay is 2, expected a number, 0 to [\d.]+, or null/);
  refused('warmUpSteps=-3', /warmUpSteps is -3, expected a whole number, 0 or more/);
  refused('clipNorm=abc', /clipNorm is 'abc', expected a number above 0, or null/);
  refused('seed=x', /seed is 'x', expected a whole number, 0 or more/);
});

test('what is no config file is told in one line, without the modules of ours that asked for it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'config-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'config.ts');
  await writeFile(file, "import './none';\n");
  assert.throws(() => readConfigFile(folder), /: no such config file; expected a TypeScript file/);
  assert.throws(() => readConfigFile(file), /\(Cannot find module '\.\/none'\); correct the file$/);
});

test('a config file that ends the process is a mistake in words, and what ends it afterwards does so', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'config-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'config.ts');
  await writeFile(file, 'process.exit(0);\n');
  const { exit } = process;
  assert.throws(() => readConfigFile(file), {
    name: 'UserError',
    message: `${file}: cannot be executed (it calls process.exit(0)); correct the file`,
  });
  assert.equal(process.exit, exit);
});
