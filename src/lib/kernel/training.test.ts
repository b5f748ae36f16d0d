import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Kernel } from './kernel';

/** A reader's own folder, with nothing of this project but its packages. */
let folder: string;
let kernel: Kernel;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'training-test-'));
  symlinkSync(join(__dirname, '..', '..', '..', 'node_modules'), join(folder, 'node_modules'));
  kernel = await Kernel.start({ cwd: folder, env: { YOLOV1_CACHE: join(folder, 'cache') } });
  const { error } = await kernel.execute(SETUP);
  assert.equal(error, '');
});
after(async () => {
  await kernel.shutdown();
  rmSync(folder, { recursive: true });
});

const SETUP = `import * as yolo from 'yolov1';
import { writeScenesDevkit } from 'yolov1/data';
await yolo.initBackend();
await writeScenesDevkit('scenes', { train: 16, val: 4 });
const config = {
  name: 'stopped', profile: 'smoke', train: ['Scenes/train'], evaluate: ['Scenes/val'], backboneWeights: 'random',
  trainable: 'all', model: { backbone: 'resnet18', head: 'convolutional', inputSize: 64, gridSize: 2, predictors: 1, headWidth: 8 },
  loss: { kind: 'sigmoid' }, epochs: 200, batchSize: 4,
} as const;
const places = { results: 'records', workdir: 'runs', dataFolder: 'scenes' };`;
const LOCK = () => join(folder, 'runs', 'stopped', 'lock');

/** Begins the training and returns once it shows its progress. */
async function begun(): Promise<{ ended: Promise<string>; shown: () => string }> {
  const said: string[] = [];
  const execution = kernel.execute('await yolo.runExperiment(config, places);', {
    onDisplay: (data: Readonly<Record<string, unknown>>) => said.push(String(data['text/plain'] ?? '')),
  });
  const ended = execution.then(({ error }) => error);
  while (!said.some((text) => /epoch \d+, step \d+ of 800/.test(text))) {
    const over = await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 20))]);
    assert.equal(over, undefined, String(over));
  }
  return { ended, shown: () => said.join('\n') };
}

test('the stop button ends a training in order: one line, everything saved, the run free', async () => {
  const { ended } = await begun();
  assert.ok(existsSync(LOCK()));
  await kernel.interrupt();
  assert.match(
    await ended,
    /^UserError: \S*stopped: stopped after step \d+, everything is saved; run the cell again to go on$/,
  );
  assert.equal(existsSync(LOCK()), false);
  assert.equal((await kernel.execute('1')).error, '');
});

test('run again it goes on from there, and a kernel that is restarted in its middle leaves nothing that stops the next', async () => {
  const { shown } = await begun();
  assert.match(shown(), /stopped: going on after step \d+/);
  await kernel.restart();
  assert.equal((await kernel.execute(SETUP)).error, '');
  const { ended, shown: again } = await begun();
  assert.match(again(), /stopped: going on after step \d+/);
  await kernel.interrupt();
  assert.match(await ended, /everything is saved/);
});
