import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { root } from './prepare.mjs';

const require = createRequire(import.meta.url);
/** Needs Python 3.11. */
const SNAKEMAKE = '9.13.4';
const BIN = join(root, 'src', 'yolo', 'bin', 'yolov1.js');
const folder = mkdtempSync(join(tmpdir(), 'yolov1-snakemake-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Installs Snakemake in the cache folder unless it is there. Returns its program, or why there is none. */
function snakemake() {
  const { readEnvironment } = require('../src/yolo/dist/core/environment.js');
  const environment = join(readEnvironment().cacheFolder, `snakemake-${SNAKEMAKE}`);
  const program = join(environment, 'bin', 'snakemake');
  if (existsSync(program)) return { program };
  const python = join(environment, 'bin', 'python');
  for (const [command, ...args] of [
    ['python3', '-m', 'venv', environment],
    [python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `snakemake==${SNAKEMAKE}`],
  ]) {
    const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
    if (status !== 0)
      return { missing: `no Snakemake: ${error?.message ?? stderr.trim().split('\n').at(-1)}` };
  }
  return { program };
}

test('Snakemake trains the runs of a plan, one that starts from another behind it', async (context) => {
  const { program, missing } = snakemake();
  if (missing) {
    context.skip(missing);
    return;
  }
  const { writeScenesDevkit } = require('../src/yolo/dist/data/scene/writeScenesDevkit.js');
  await writeScenesDevkit(join(folder, 'data'), { train: 8, val: 4 });
  const model = {
    backbone: 'resnet18',
    head: 'convolutional',
    inputSize: 64,
    gridSize: 2,
    predictors: 1,
    headWidth: 8,
  };
  const run = {
    ...{ profile: 'smoke', train: ['Scenes/train'], evaluate: ['Scenes/val'], backboneWeights: 'random' },
    ...{ model, loss: { kind: 'sigmoid' }, epochs: 1, batchSize: 4 },
  };
  const sweep = join(folder, 'sweep.json');
  writeFileSync(
    sweep,
    JSON.stringify([
      { ...run, name: 'first' },
      { ...run, name: 'on', initialHead: 'first' },
    ]),
  );
  const results = join(folder, 'results');
  const env = { ...process.env, YOLOV1_DATA: join(folder, 'data') };
  const plan = execFileSync(process.execPath, [BIN, 'runs', 'plan', sweep, '--results', results, '--json'], {
    env,
  });
  writeFileSync(join(folder, 'plan.json'), plan);
  const settings = [
    `plan=${join(folder, 'plan.json')}`,
    `results=${results}`,
    `workdir=${join(folder, 'work')}`,
  ];
  const { status, stderr } = spawnSync(
    program,
    ['--snakefile', join(root, 'docs', 'Snakefile'), '--config', ...settings, '-j', '2'],
    { cwd: root, env, encoding: 'utf8' },
  );
  rmSync(join(root, '.snakemake'), { recursive: true, force: true });
  assert.equal(status, 0, stderr);
  assert.deepEqual(readdirSync(results).sort(), ['first', 'on']);
});
