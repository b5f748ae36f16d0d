import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import type { StepReport } from '../../train/stepReport';
import { trainingProgress } from './trainingProgress';

/** A stream that keeps what is written to it, and a clock that stands until it is moved. */
function kept(isTTY: boolean, columns = 120) {
  const stream = Object.assign(new PassThrough(), {
    isTTY,
    columns,
    rows: 30,
    cursorTo() {},
    clearLine() {},
    moveCursor() {},
  }) as unknown as NodeJS.WriteStream;
  const clock = { milliseconds: 0 };
  return {
    of: { epochs: 2, stream, now: () => clock.milliseconds },
    clock,
    text: () => String((stream as unknown as PassThrough).read() ?? ''),
  };
}

/** What runs of continuous integration set keeps the bar away; this test wants it. */
function withoutCi<T>(make: () => T): T {
  const { CI } = process.env;
  delete process.env.CI;
  try {
    return make();
  } finally {
    if (CI !== undefined) process.env.CI = CI;
  }
}

const report = (step: number): StepReport => ({
  epoch: step <= 50 ? 1 : 2,
  step,
  steps: 100,
  loss: 4.5678,
  parts: { box: 1.25, class: 3.3178 },
  gradientNorm: 1,
  factor: 1,
  pictures: 16,
  waited: 0,
});

test('in a log file: a line an epoch, and within a long one a line a minute', () => {
  const { of, clock, text } = kept(false);
  const progress = trainingProgress(of);
  progress.onBegin(0);
  for (let done = 100; done <= 1000; done += 100) {
    clock.milliseconds += 7000;
    progress.onFeatures(done, 1000);
  }
  for (let step = 1; step <= 50; step++) {
    clock.milliseconds += 2000;
    progress.onStep(report(step));
  }
  // An evaluation: its time is not a step's.
  clock.milliseconds += 500_000;
  progress.onEpoch({ kind: 'epoch', epoch: 1, step: 50, loss: 4.5678, map: 0.41 });
  for (let step = 51; step <= 90; step++) {
    clock.milliseconds += 2000;
    progress.onStep(report(step));
  }
  progress.end();
  const memory = /\d+(\.\d+)? [MG]B/;
  assert.deepEqual(
    text()
      .split('\n')
      .map((line) => line.replace(memory, 'M')),
    [
      'features: 900 of 1000 views, 7 s left',
      'features: 1000 of 1000 views',
      'epoch 1 of 2, step 30 of 100, 8.0 pictures/s, 2 min left, M, loss 4.568 (box 1.250, class 3.318)',
      'epoch 1 of 2: step 50, loss 4.5678, mAP@.5 0.4100',
      'epoch 2 of 2, step 80 of 100, 8.0 pictures/s, 40 s left, M, loss 4.568 (box 1.250, class 3.318)',
      '',
    ],
  );
});

test('in a terminal: a bar and the parts of the loss; what is over stays above it', () => {
  const { of, clock, text } = kept(true);
  const progress = withoutCi(() => trainingProgress(of));
  progress.onBegin(10);
  for (let step = 11; step <= 50; step++) {
    clock.milliseconds += 500;
    progress.onStep(report(step));
  }
  progress.onMemory('halved');
  progress.onEpoch({ kind: 'epoch', epoch: 1, step: 50, loss: 4.5678 });
  progress.end();
  const shown = text();
  assert.match(shown, /^going on after step 10\n/);
  assert.match(shown, /training \[=+-+\] 50\/100 epoch 1\/2, 32 pictures\/s, 25 s left, \d+(\.\d+)? [MG]B/);
  assert.match(shown, /loss 4\.568 \(box 1\.250, class 3\.318\)/);
  assert.match(shown, /memory: halved\n[\s\S]*epoch 1 of 2: step 50, loss 4\.5678\n/);
});

test('in a terminal of 80 columns the line of the bar fits', () => {
  const { of, clock, text } = kept(true, 80);
  const progress = withoutCi(() => trainingProgress(of));
  for (const step of [8, 9]) {
    clock.milliseconds += 9000;
    progress.onStep({ ...report(step), steps: 9876 });
  }
  progress.end();
  const line = /training \[-+\] 9\/9876 .*?[MG]B/.exec(text())![0];
  assert.match(line, /1\.8 pictures\/s, 24 h 40 min left/);
  assert.ok(line.length <= 80, `${line.length} columns: ${line}`);
});

test('nothing is shown, and the cursor stays, where nothing was done', () => {
  const { of, text } = kept(true);
  withoutCi(() => trainingProgress(of)).end();
  assert.equal(text(), '');
});
