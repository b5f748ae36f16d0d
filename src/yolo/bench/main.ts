// npm run bench: how fast the library is, and with --peer against PyTorch and pycocotools. Judges nothing.
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import writeFileAtomic from 'write-file-atomic';
import { messageOf, UserError } from '../errors';
import { type Measured, measure } from './measure';
import { planMeasurements } from './measurements';
import { tableHead, tableRow } from './resultTable';
import type { Measurement } from './work';

interface Options {
  peer?: string;
  json?: string;
  only?: string;
}

async function bench({ peer, json, only = '' }: Options, folder: string): Promise<void> {
  const plans = planMeasurements(folder).filter(({ name }) => name.includes(only));
  if (plans.length === 0) {
    const names = planMeasurements(folder).map(({ name }) => name);
    throw new UserError(
      `--only ${only}: no measurement has that in its name; there are: ${names.join(', ')}`,
    );
  }
  console.log(tableHead());
  const results: (Measurement & Measured)[] = [];
  for (const { writeFiles, ...measurement } of plans) {
    await writeFiles?.();
    const measured = await measure(measurement, peer);
    console.log(tableRow(measurement, measured));
    results.push({ ...measurement, ...measured });
    if (json) {
      const machine = { processor: cpus()[0]?.model, cores: availableParallelism(), node: process.version };
      await writeFileAtomic(json, `${JSON.stringify({ machine, results }, null, 1)}\n`);
    }
  }
}

async function main(): Promise<void> {
  const options = new Command('bench')
    .description(
      'Measures networks, picture loading, suppression and evaluation; each in a process of its own.',
    )
    .option(
      '--peer <python>',
      'measure the same work in PyTorch and pycocotools, run by this Python, in turn',
    )
    .option('--json <file>', 'write every repetition to this file')
    .option('--only <name>', 'only measurements with this in their name, such as "resnet18 frozen 4"')
    .parse()
    .opts<Options>();
  const folder = mkdtempSync(join(tmpdir(), 'yolov1-bench-'));
  try {
    await bench(options, folder);
  } catch (error) {
    console.error(error instanceof UserError ? `bench: ${messageOf(error)}` : error);
    process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
