// npm run bench: how fast the library is, and with --peer against PyTorch and pycocotools. Judges nothing.
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import writeFileAtomic from 'write-file-atomic';
import { messageOf, UserError } from '../errors';
import { type BenchmarkRecord, benchmarkPage } from './benchmarkPage';
import { measure } from './measure';
import { planMeasurements } from './measurements';
import { tableHead, tableRow } from './resultTable';

interface Options {
  peer?: string;
  json?: string;
  page?: string;
  only?: string;
}

async function bench({ peer, json, page, only = '' }: Options, folder: string): Promise<void> {
  const plans = planMeasurements(folder).filter(({ name }) => name.includes(only));
  if (plans.length === 0) {
    const names = planMeasurements(folder).map(({ name }) => name);
    throw new UserError(
      `--only ${only}: no measurement has that in its name; there are: ${names.join(', ')}`,
    );
  }
  console.log(tableHead());
  const record: BenchmarkRecord = {
    date: new Date().toISOString().slice(0, 10),
    machine: { processor: cpus()[0]?.model, cores: availableParallelism(), node: process.version },
    results: [],
  };
  for (const { writeFiles, ...measurement } of plans) {
    await writeFiles?.();
    const measured = await measure(measurement, peer);
    console.log(tableRow(measurement, measured));
    const work = Object.entries(measurement.work).filter(([name]) => name !== 'folder' && name !== 'file');
    record.results.push({ ...measurement, work: Object.fromEntries(work), ...measured });
    if (json) await writeFileAtomic(json, `${JSON.stringify(record, null, 1)}\n`);
    if (page) await writeFileAtomic(page, benchmarkPage(record));
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
    .option('--page <file>', 'write the table as a page in Markdown')
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
