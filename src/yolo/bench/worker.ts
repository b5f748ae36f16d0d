// One measurement's process, so that its peak of memory is its own. Started by contestant.ts, which says the words.
import { createInterface } from 'node:readline';
import { initBackend } from '../tensor/backend';
import { forgetPeak, residentSize } from './memory';
import { prepareWork } from './prepareWork';
import type { Work } from './work';

function answer(words: object): void {
  process.stdout.write(`${JSON.stringify(words)}\n`);
}

async function main(): Promise<void> {
  const { name, version } = await initBackend();
  const loaded = residentSize('now');
  forgetPeak();
  const repeat = await prepareWork(JSON.parse(process.argv[2]) as Work);
  answer({ contestant: `${name} ${version}` });
  for await (const order of createInterface({ input: process.stdin })) {
    if (order === 'end') break;
    const start = performance.now();
    const figure = await repeat();
    answer({ seconds: (performance.now() - start) / 1e3, figure });
  }
  answer({ peak: residentSize('peak') - loaded });
  process.exit();
}

void main();
