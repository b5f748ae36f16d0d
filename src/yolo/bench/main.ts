// npm run bench: how fast the library is, and with --peer against PyTorch and pycocotools. Judges nothing.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { messageOf, UserError } from '../core/errors';
import { writeWholeFile } from '../core/wholeFile';
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
  const all = planMeasurements(folder);
  const plans = all.filter(({ name }) => name.includes(only));
  if (plans.length === 0) {
    const names = all.map(({ name }) => name);
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
  if (only && json && existsSync(json)) keepOthers(record, json);
  for (const { writeFiles, ...measurement } of plans) {
    await writeFiles?.();
    const measured = await measure(measurement, peer);
    console.log(tableRow(measurement, measured));
    const work = Object.entries(measurement.work).filter(([name]) => name !== 'folder' && name !== 'file');
    const result = { ...measurement, work: Object.fromEntries(work), ...measured };
    const others = record.results.filter(({ name }) => name !== measurement.name);
    record.results = inOrder([...others, result], all);
    if (json) await writeWholeFile(json, `${JSON.stringify(record, null, 1)}\n`);
    if (page) await writeWholeFile(page, benchmarkPage(record));
  }
}

/** Takes over what was measured before, on this same machine. */
function keepOthers(record: BenchmarkRecord, json: string): void {
  const before: BenchmarkRecord = JSON.parse(readFileSync(json, 'utf8'));
  if (JSON.stringify(before.machine) !== JSON.stringify(record.machine)) {
    throw new UserError(
      `--only ${json}: was measured on another machine (${Object.values(before.machine).join(', ')}); give another --json, or leave out --only`,
    );
  }
  record.results = before.results;
}

function inOrder(results: BenchmarkRecord['results'], plans: readonly { name: string }[]) {
  const place = ({ name }: { name: string }) => plans.findIndex((plan) => plan.name === name);
  return [...results].sort((a, b) => place(a) - place(b));
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
    .option(
      '--only <name>',
      'only measurements with this in their name, such as "resnet18 frozen 4"; the others of --json stay',
    )
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
