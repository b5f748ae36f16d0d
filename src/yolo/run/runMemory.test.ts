import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { UserError } from '../core/errors';
import { MemoryLimitError } from '../memory/measure/guard';
import { type BackendInfo, initBackend } from '../tensor/backend';
import type { ExperimentOverrides } from './config/config';
import { runExperiment } from './experiment';
import { scenesFolder } from './fixtures/scenesFolder';
import { SCENES_RUN } from './fixtures/scenesRun';
import { readLatestCheckpoint, writeCheckpoint } from './workdir/checkpoint';
import { holdingsOf } from './workdir/holdings';

const scenes = scenesFolder('run-memory-', { train: 8, val: 4 });
let backend: BackendInfo;

before(async () => {
  backend = await initBackend();
});
const config: ExperimentOverrides = {
  ...SCENES_RUN,
  model: { ...SCENES_RUN.model, backbone: 'baseline', gridSize: 1 },
  trainable: 'all',
  batchNorm: 'frozen',
};
const places = scenes.places;

test('a run keeps what it took by phase, and reads it back', async () => {
  const said: string[] = [];
  const result = await runExperiment(config, {
    ...places('kept'),
    memory: '40GB',
    onMemory: (message) => said.push(message),
  });
  const memory = result.memory!;
  assert.deepEqual(memory.budget, { bytes: 4e10, source: 'given by hand' });
  assert.deepEqual(memory.microBatch, { first: 4, last: 4 });
  assert.deepEqual(Object.keys(memory.peaks), ['load', 'forward', 'backward', 'update', 'evaluate']);
  // A load, three phases for each of four steps, an evaluation.
  assert.equal(memory.timeline.length, 1 + 3 * 4 + 1);
  assert.deepEqual(memory.messages, said);
  assert.match(
    said[0],
    /^budget 40\.00 GB \(given by hand\): micro-batch 4, 1 accumulated, expected to take/,
  );
  assert.equal(memory.growth, null);
  assert.equal(memory.source, backend.device === 'cpu' ? 'resident size of the process' : memory.source);
  const again = await runExperiment(config, places('kept'));
  assert.deepEqual(again.memory, memory);
  const file = join(result.path, 'memory.json');
  await writeFile(file, (await readFile(file, 'utf8')).replace('"first": 4', '"first": 8'));
  await assert.rejects(
    runExperiment(config, places('kept')),
    /damaged run record \(its files are not as they were written\)/,
  );
});

test('a budget below what anything needs is refused before anything is computed', async () => {
  await assert.rejects(
    runExperiment(config, { ...places('small'), memory: '100MB' }),
    (error) =>
      error instanceof UserError &&
      /^budget is 100 MB, but micro-batch \d needs \d+ MB .*: freeze the backbone .*$/.test(error.message),
  );
  assert.equal(existsSync(join(places('small').workdir, 'run')), false);
});

test('a process that takes more than its budget ends in one line, not in a crash', async () => {
  // What the estimate cannot know of: it fits, but for this.
  const ballast = Buffer.alloc(1_500_000_000, 1);
  await assert.rejects(
    runExperiment(config, { ...places('large'), memory: '1500MB' }),
    (error) =>
      error instanceof MemoryLimitError &&
      /^[\d.]+ GB in use \(.+\): budget 1\.50 GB, peak [\d.]+ GB, micro-batch 4; try micro-batch 2, or give a larger budget$/.test(
        error.message,
      ),
  );
  assert.equal(ballast.length, 1_500_000_000);
  assert.equal(existsSync(places('large').results), false);
});

test('a training whose micro-batch was lowered goes on with that one', async () => {
  const at = places('lowered');
  const controller = new AbortController();
  const onStep = ({ step }: { step: number }) => step === 1 && controller.abort();
  await assert.rejects(runExperiment(config, { ...at, onStep, signal: controller.signal }), /stopped after/);
  // What the guard would have left behind.
  const path = join(at.workdir, 'run');
  const folder = join(path, 'checkpoints');
  const checkpoint = (await readLatestCheckpoint(folder, (await holdingsOf(path)).key!))!;
  assert.equal(checkpoint.microBatch, 4);
  await writeCheckpoint(folder, { ...checkpoint, microBatch: 2 });
  const said: string[] = [];
  const { memory } = await runExperiment(config, { ...at, onMemory: (message) => said.push(message) });
  assert.deepEqual(memory!.microBatch, { first: 4, last: 2 });
  assert.ok(
    said.includes('going on with micro-batch 2, to which the first part was lowered'),
    said.join('\n'),
  );
});
