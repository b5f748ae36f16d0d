import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../../core/errors';
import { memoryBudget } from '../budget';
import { AllocationTracker } from './allocationTracker';
import { gpuMemory, parseGpu, parseProcesses } from './nvidiaSmi';
import { gpuProbe, memoryProbe } from './probe';
import { forgetPeakResidentSize, peakResidentSize, residentSize } from './residentSize';

test("nvidia-smi's answers are read as MiB", () => {
  assert.deepEqual(parseGpu('6144, 5120, 1024\n24576, 1, 2\n'), {
    total: 6_442_450_944,
    free: 5_368_709_120,
    used: 1_073_741_824,
  });
  assert.equal(parseGpu('No devices were found\n'), undefined);
  assert.equal(parseGpu(''), undefined);
  assert.equal(parseGpu('[N/A], [N/A], [N/A]\n'), undefined);
  assert.deepEqual(parseProcesses('1234, 512\n77, [N/A]\n1234, 100\n'), new Map([[1234, 612 * 2 ** 20]]));
});

test('memory of this process is told where the driver tells it, else that of the whole GPU', () => {
  const answer = (processes: string) => (args: string[]) =>
    args[0].startsWith('--query-gpu') ? '6144, 5120, 1024\n' : processes;
  assert.equal(gpuMemory(answer(`${process.pid}, 700\n`))?.process, 700 * 2 ** 20);
  assert.equal(gpuMemory(answer(`${process.pid}, 700\n`))?.source, 'nvidia-smi, this process');
  assert.equal(gpuMemory(answer(''))?.process, undefined);
  assert.equal(gpuMemory(answer(''))?.source, 'nvidia-smi, whole GPU');
  assert.equal(
    gpuMemory(() => {
      throw new Error('spawn nvidia-smi ENOENT');
    }),
    undefined,
  );
});

test('the GPU is asked every five seconds at most, and a failed answer keeps the last', () => {
  let now = 0;
  let asked = 0;
  const answers = [100, undefined, 300];
  const probe = gpuProbe(
    'nvidia-smi',
    () => answers[asked++],
    () => now,
  );
  assert.equal(probe.read(), 100);
  now = 4999;
  assert.equal(probe.read(), 100);
  assert.equal(asked, 1);
  now = 5000;
  assert.equal(probe.read(), 100);
  now = 10_000;
  assert.equal(probe.read(), 300);
  assert.equal(asked, 3);
});

test('a processor is read by the resident size, which grows with what is written', () => {
  const probe = memoryProbe('cpu', new AllocationTracker());
  assert.equal(probe.source, 'resident size of the process');
  const before = probe.read();
  const block = Buffer.alloc(64e6, 1);
  assert.ok(probe.read() - before > 50e6, `${probe.read() - before}`);
  assert.equal(block.length, 64e6);
});

test('the peak of the resident size outlasts what made it, until it is forgotten', () => {
  let block: Buffer | undefined = Buffer.alloc(64e6, 1);
  assert.ok(peakResidentSize() >= residentSize() * 0.99);
  const high = peakResidentSize();
  block = undefined;
  assert.ok(peakResidentSize() >= high);
  if (forgetPeakResidentSize()) {
    assert.ok(peakResidentSize() <= high + 1e6);
  }
  assert.equal(block, undefined);
});

test('a budget given by hand is taken as it is; else it says where it comes from', () => {
  assert.deepEqual(memoryBudget({ given: '6GB', device: 'cuda' }), { bytes: 6e9, source: 'given by hand' });
  assert.throws(() => memoryBudget({ given: 'plenty' }), UserError);
  assert.deepEqual(memoryBudget({ given: '64GB', device: 'wasm' }), {
    bytes: 2 ** 32,
    source: 'all that wasm can use',
  });
  const found = memoryBudget();
  assert.ok(found.bytes > 1e8 && found.bytes < 1e14, `${found.bytes}`);
  assert.match(found.source, /^(limit of the control group|available memory of the machine)$/);
});
