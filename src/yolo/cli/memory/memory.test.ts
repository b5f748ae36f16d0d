import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Command } from 'commander';
import { UserError } from '../../core/errors';
import { calibrationDetector, calibrationErrors, readCalibration } from '../../memory/calibration';
import { DEVICES } from '../../memory/devices';
import { estimateMemory, MARGIN, type MemoryEstimate } from '../../memory/estimate/estimate';
import { initBackend } from '../../tensor/backend';
import { addMemoryCommand, type MemoryAnswer } from './memory';
import { CALIBRATION_CASES, calibrate, writeCalibration } from './memoryCalibration';

const RECORD = join(__dirname, '..', '..', '..', '..', 'report', 'bench', 'memory.json');
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-memory-'));
});
after(() => rm(folder, { recursive: true }));

/** What `yolov1 memory` prints. */
async function memory(...args: string[]): Promise<string> {
  let out = '';
  const program = new Command().exitOverride().configureOutput({
    writeOut: (text) => {
      out += text;
    },
    writeErr: () => undefined,
  });
  addMemoryCommand(program);
  await program.parseAsync(['memory', ...args], { from: 'user' });
  return out;
}

const answer = async (...args: string[]): Promise<MemoryAnswer> =>
  JSON.parse(await memory('--json', ...args));

test("the original's question is answered: does batch 16 fit 6 GB, what takes it, what do heads cost", async () => {
  const text = await memory('--budget', '6GB', '--device', 'cpu');
  assert.match(
    text,
    /^baseline with the original's head at 448 pixels: 40\.9 M parameters, 40\.9 M trained$/m,
  );
  assert.match(text, /^Batch 16 at once needs [\d.]+ GB: it fits 6\.00 GB \(given by hand\)\.$/m);
  assert.match(text, /^Plan: micro-batch 16, 1 accumulated: [\d.]+ GB$/m);
  assert.match(text, /^optimizer slots +- +328 MB/m);
  assert.match(text, /^convolutional +3\.0 M +0\.0 M +47 MB/m);
  assert.match(text, /^original's +34\.3 M +27\.2 M +548 MB/m);
  assert.match(text, /^paper's +249\.3 M +211\.5 M +3\.99 GB/m);
  assert.doesNotMatch(text, /estimate/);
  assert.doesNotMatch(text, /kept, batch/);
  assert.match(
    await memory('--budget', '6GB', '--layers'),
    /^layer +operations +parameters +kept, batch 16$/m,
  );
});

test('a tight budget gives micro-batches, with a warning where BatchNorm would see too few pictures', async () => {
  const tight = await answer('--budget', '2.5GB', '--device', 'cpu');
  assert.ok('microBatch' in tight.plan && tight.plan.microBatch < 8);
  assert.equal(Math.ceil(16 / tight.plan.microBatch), tight.plan.accumulationSteps);
  assert.ok(tight.plan.estimate.total <= 2.5e9 && tight.whole.total > 2.5e9);
  assert.match(
    tight.plan.warnings[0],
    /^BatchNorm of the backbone and head takes its statistics from \d pictures?/,
  );
  const text = await memory('--budget', '2.5GB', '--device', 'cpu');
  assert.match(
    text,
    /^Batch 16 at once needs [\d.]+ GB: it does not fit 2\.50 GB \(given by hand\)\.\nPlan: micro-batch/m,
  );
  assert.match(text, /^Warning: BatchNorm/m);
});

test('what does not fit at all is an answer, not a failure', async () => {
  assert.match(
    await memory('--budget', '900MB', '--device', 'cpu'),
    /^Nothing fits: budget is 900 MB, but micro-batch/m,
  );
  const { plan, heads } = await answer('--budget', '900MB', '--device', 'cpu');
  assert.ok('refused' in plan);
  assert.equal('microBatch' in heads.find(({ head }) => head === 'paper')!, false);
});

test('an answer for a GPU, by hand on a machine without one, is marked as an estimate', async () => {
  const text = await memory('--budget', '6GB', '--device', 'cuda');
  assert.match(text, / on cuda, float32$/m);
  assert.match(text, /^Warning: not measured on this kind of device: the sizes are an estimate only$/m);
  assert.match(text, /\(an estimate: not measured on this kind of device\)$/m);
  const { whole, budget } = await answer('--budget', '6GB', '--device', 'cuda');
  assert.equal(whole.measured, false);
  assert.deepEqual(budget, { bytes: 6e9, source: 'given by hand' });
});

test('without a budget this machine is asked, and says how', async () => {
  const { budget } = await answer('--device', 'cpu');
  assert.ok(budget.bytes > 1e8);
  assert.match(budget.source, /of the machine$|of the control group$/);
});

test('wasm is offered no more than it can use', async () => {
  const { budget, plan } = await answer('--device', 'wasm', '--budget', '64GB');
  assert.deepEqual(budget, { bytes: 2 ** 32, source: 'all that wasm can use' });
  assert.ok('microBatch' in plan && plan.estimate.total <= budget.bytes);
  const text = await memory('--device', 'wasm', '--budget', '64GB');
  assert.match(
    text,
    /^Batch 16 at once needs [\d.]+ GB: it does not fit 4\.29 GB \(all that wasm can use\)\.$/m,
  );
});

test('wrong options are named, with what was expected', async () => {
  await assert.rejects(memory('--budget', '6 apples'), (error) => {
    assert.ok(error instanceof UserError);
    return /is '6 apples', expected a size such as 6GB/.test(error.message);
  });
  await assert.rejects(memory('--budget', '6'), /memory is '6', expected a size such as 6GB/);
  await assert.rejects(memory('--batch', '0'), /Expected a whole number above 0/);
  await assert.rejects(memory('--batch', '1e30'), /Expected a whole number above 0, at most 1000000/);
  await assert.rejects(memory('--head', 'huge'), /Allowed choices are convolutional, fullyConnected, paper/);
  await assert.rejects(
    memory('--input', '100', '--head', 'convolutional', '--backbone', 'resnet18'),
    /^UserError: --input is 100, expected a multiple of 32 for resnet18$/,
  );
});

test('every measured training is estimated to within the margin, and the record covers what is claimed', async () => {
  const record = readCalibration(RECORD);
  assert.equal(record.backend.name, 'tensorflow');
  const errors = calibrationErrors(record);
  for (const { point, measured, estimated, error } of errors) {
    const { backbone, head, inputSize, batch } = point;
    const told = `${backbone} ${head} ${inputSize} batch ${batch}: ${error}`;
    assert.ok(Math.abs(error) < 0.12, told);
    assert.ok((1 + MARGIN) * estimated > measured, told);
    const tensors = tensorsOf(estimateMemory(calibrationDetector(point), point));
    assert.ok(Math.abs(tensors / point.tensors - 1) < 0.15, `${told}; tensors ${tensors}, ${point.tensors}`);
  }
  assert.deepEqual(
    record.points.map(({ backbone, head, inputSize, batch }) => [backbone, head, inputSize, batch]),
    CALIBRATION_CASES.map(({ backbone, head, inputSize, batch }) => [backbone, head, inputSize, batch]),
  );
  assert.match(await memory('calibrate', '--check', '--out', RECORD), /^Largest error: \d+\.\d %$/m);
});

test('trainings measured through WebGPU take no more than estimated with the margin, and not much less', () => {
  const errors = calibrationErrors(readCalibration(RECORD.replace('memory.json', 'memory-webgpu.json')));
  assert.equal(errors.length, CALIBRATION_CASES.length);
  for (const { point, measured, estimated, error } of errors) {
    const told = `${point.backbone} ${point.inputSize}, batch ${point.batch}: ${measured}, ${estimated}`;
    assert.ok(estimated * (1 + MARGIN) >= measured && error < 0.31, told);
  }
});

/** Tensors at once beside those of the loaded model, a batch of pictures counted once. */
function tensorsOf({ phases }: MemoryEstimate): number {
  const most = (['forward', 'backward', 'update'] as const).map((phase) => {
    const { optimizer, averages, gradients, activations, workspace, pictures } = phases[phase];
    return optimizer + averages + gradients + activations + workspace + pictures / DEVICES.cpu.picturesHeld;
  });
  return Math.max(...most);
}

test('a missing or damaged record of measurements says what to do', async () => {
  const file = join(folder, 'none.json');
  await assert.rejects(
    memory('calibrate', '--check', '--out', file),
    /none\.json: no such file; measure with: npx yolov1 memory calibrate$/,
  );
  for (const text of ['{', '{"format":2,"points":[]}', '{"format":1}']) {
    await writeFile(file, text);
    await assert.rejects(
      memory('calibrate', '--check', '--out', file),
      /damaged calibration .*; measure again/,
    );
  }
});

test('a training is measured in a process of its own', async (context) => {
  if ((await initBackend()).name !== 'tensorflow') {
    context.skip('the estimate is calibrated on the native backend');
    return;
  }
  const of = { ...CALIBRATION_CASES[0], head: 'convolutional', inputSize: 64, batch: 2 } as const;
  const record = await calibrate([of]);
  const [point] = record.points;
  assert.ok(point.baseline > 1e8 && point.peak > point.baseline, JSON.stringify(point));
  // Parameters are loaded; gradients and two slots come with training.
  assert.ok(point.tensors > 3 * 4 * 9e6 && point.tensors < 2e8, `${point.tensors}`);
  const file = join(folder, 'deep', 'memory.json');
  await writeCalibration(file, record);
  assert.deepEqual(readCalibration(file), record);
  assert.match(await readFile(file, 'utf8'), /\n$/);
  assert.ok(existsSync(file));
});
