import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { memoryOverTime } from './memoryOverTime';
import { readRunRecord } from './readRunRecord';
import type { MetricsLine } from './runRecord';

const RECORD = join(__dirname, '../../../report/runs/04-right-mini');

/** Two epochs of a hundred steps of 36 seconds each. */
const lines = (memory: (step: number) => { tensors: number; residentMiB: number }): MetricsLine[] =>
  Array.from({ length: 200 }, (_, index) => ({
    kind: 'step',
    epoch: index < 100 ? 1 : 2,
    step: index + 1,
    seconds: 36,
    ...memory(index + 1),
  }));

test('over an hour of fine-tuning on photographs keeps the number of tensors, and the resident size does not rise', async (t) => {
  const { record, metrics } = await readRunRecord(RECORD);
  const { points, warmUp, tensors, resident } = memoryOverTime(metrics);
  const { hours } = points[points.length - 1];
  t.diagnostic(
    `${points.length} steps in ${hours.toFixed(2)} h (${record.data.train.pictures} photographs): ` +
      `least ${tensors.least}, most ${tensors.most} tensors; resident ${resident.medianMiB} MiB (median after ${warmUp} steps), ` +
      `trend ${resident.mibPerHour.toFixed(1)} MiB/h by Theil and Sen, ` +
      `${resident.rising ? 'rising' : 'not rising'} by Mann and Kendall at 1 %`,
  );
  assert.ok(hours > 1 && points.length - warmUp > 500);
  assert.equal(tensors.least, tensors.most);
  assert.equal(resident.rising, false);
  // In the eleventh epoch the machine took 150 MiB back, which could hide a rise before it.
  const before = memoryOverTime(metrics.filter(({ epoch }) => Number(epoch) <= 10)).resident;
  t.diagnostic(`the first ten epochs alone: ${before.mibPerHour.toFixed(1)} MiB/h`);
  assert.equal(before.rising, false);
});

test('a leak of a MiB a step is found with its size an hour, one tensor more with its count', () => {
  const leaking = memoryOverTime(lines((step) => ({ tensors: 281, residentMiB: 2000 + step + (step % 7) })));
  assert.equal(leaking.resident.rising, true);
  assert.ok(Math.abs(leaking.resident.mibPerHour - 100) < 1, `${leaking.resident.mibPerHour}`);
  const counted = memoryOverTime(lines((step) => ({ tensors: step < 150 ? 281 : 282, residentMiB: 2000 })));
  assert.deepEqual(counted.tensors, { least: 281, most: 282 });
  assert.equal(counted.resident.rising, false);
});

test('what only the first epoch takes is no trend', () => {
  const { resident, warmUp } = memoryOverTime(
    lines((step) => ({ tensors: 281, residentMiB: Math.min(2000, 1000 + 20 * step) })),
  );
  assert.equal(warmUp, 100);
  assert.deepEqual([resident.rising, resident.mibPerHour, resident.medianMiB], [false, 0, 2000]);
});

test('a run without readings, or of one epoch, is refused', () => {
  assert.throws(
    () => memoryOverTime([{ kind: 'step', epoch: 1, step: 1, loss: 3 }]),
    /step 1 has no reading of time and memory/,
  );
  const one = lines(() => ({ tensors: 1, residentMiB: 1 })).slice(0, 100);
  assert.throws(() => memoryOverTime(one), /0 steps after the first epoch, expected at least two/);
});
