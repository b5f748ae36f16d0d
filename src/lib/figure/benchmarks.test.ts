import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { calibration, speeds } from './benchmarks';

const folder = mkdtempSync(join(tmpdir(), 'benchmarks-'));
after(() => rmSync(folder, { recursive: true }));

test('a benchmark is told by the picture, in order of the batch, for each kind of work', () => {
  const timed = (kind: string, batch: number, ours: number, peer: number) => ({
    work: { kind, batch },
    ours: { median: ours },
    peer: { median: peer },
  });
  const results = [
    timed('forward', 16, 0.32, 0.16),
    timed('forward', 1, 0.05, 0.01),
    timed('frozen', 1, 0.1, 0.02),
  ];
  const file = join(folder, 'gpu.json');
  writeFileSync(file, JSON.stringify({ results, training: { webgpu: [2, 1.5], tensorflow: [2, 1] } }));
  assert.deepEqual(speeds(file), {
    batches: [1, 16],
    milliseconds: {
      forward: { 'this library': [50, 20], PyTorch: [10, 10] },
      frozen: { 'this library': [100], PyTorch: [20] },
    },
    drift: [0, 0.5],
  });
});

test('what trainings took is read with its estimates', () => {
  const errors = calibration('report/bench/memory.json');
  assert.ok(errors.length > 0 && errors.every(({ measured, estimated }) => measured > 0 && estimated > 0));
});
