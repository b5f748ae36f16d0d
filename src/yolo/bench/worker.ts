// One measurement's process, so that its peak of memory is its own. Started by contestant.ts, which says the words.
import { createInterface } from 'node:readline';
import { AllocationTracker } from '../memory/measure/allocationTracker';
import { memoryProbe, takeLargest } from '../memory/measure/probe';
import { initBackend } from '../tensor/backend';
import { prepareWork } from './prepareWork';
import type { Work } from './work';

const MIB = 2 ** 20;

function answer(words: object): void {
  process.stdout.write(`${JSON.stringify(words)}\n`);
}

async function main(): Promise<void> {
  const { name, version, device, note } = await initBackend();
  // Made here, since it forgets the peak so far: loading a library takes more than the loaded library does.
  const probe = memoryProbe(device, new AllocationTracker());
  const loaded = probe.read();
  const repeat = await prepareWork(JSON.parse(process.argv[2]) as Work);
  answer({ contestant: `${name} ${version}${device === 'webgpu' ? ` on ${note}` : ''}` });
  for await (const order of createInterface({ input: process.stdin })) {
    if (order === 'end') break;
    const start = performance.now();
    const figure = await repeat();
    answer({ seconds: (performance.now() - start) / 1e3, figure });
  }
  answer({ peak: (takeLargest(probe) - loaded) / MIB });
  process.exit();
}

void main();
