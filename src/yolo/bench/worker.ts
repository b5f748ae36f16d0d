// One measurement's process, so that its peak of memory is its own. Started by contestant.ts, which says the words.
import { createInterface } from 'node:readline';
import { forgetPeakResidentSize, peakResidentSize, residentSize } from '../memory/measure/residentSize';
import { initBackend } from '../tensor/backend';
import { prepareWork } from './prepareWork';
import type { Work } from './work';

const MIB = 2 ** 20;

function answer(words: object): void {
  process.stdout.write(`${JSON.stringify(words)}\n`);
}

async function main(): Promise<void> {
  const { name, version } = await initBackend();
  const loaded = residentSize();
  // Loading a library takes more than the loaded library does.
  forgetPeakResidentSize();
  const repeat = await prepareWork(JSON.parse(process.argv[2]) as Work);
  answer({ contestant: `${name} ${version}` });
  for await (const order of createInterface({ input: process.stdin })) {
    if (order === 'end') break;
    const start = performance.now();
    const figure = await repeat();
    answer({ seconds: (performance.now() - start) / 1e3, figure });
  }
  answer({ peak: (peakResidentSize() - loaded) / MIB });
  process.exit();
}

void main();
