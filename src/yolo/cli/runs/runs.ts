import { basename } from 'node:path';
import type { Command } from 'commander';
import { closest } from 'fastest-levenshtein';
import { durationInWords } from '../../core/duration';
import { UserError } from '../../core/errors';
import { textTable } from '../../core/textTable';
import { readRunRecords } from '../../record/readRunRecord';
import type { ExperimentResult } from '../../record/runRecord';
import { printable } from '../terminal/printable';
import { type Comparison, compareRuns } from './runsCompared';
import { addPlanCommand } from './runsPlan';

interface RunsFlags {
  results: string;
  json: boolean;
}

/** Adds `yolov1 runs [NAME NAME...]`. */
export function addRunsCommand(program: Command): void {
  const runs = program
    .command('runs')
    .description('list run records, or set two or more of them side by side')
    .argument('[names...]', "records to compare, by their folders' names; none lists them all")
    .option('--results <dir>', 'folder of run records', 'report/runs')
    .option('--json', 'the same as JSON', false)
    .action(async (names: string[], { results: folder, json }: RunsFlags) => {
      if (names.length === 1) {
        throw new UserError('runs: one name given; give two or more to compare, or none to list all');
      }
      const { results, damaged } = await readRunRecords(folder);
      for (const line of damaged) process.stderr.write(`yolov1: warning: ${printable(line)}\n`);
      if (names.length === 0) {
        const listed = results.map(summaryOf);
        say(json ? { runs: listed, damaged } : listOf(listed, folder));
      } else {
        const compared = compareRuns(names.map((name) => pick(name, results, folder)));
        say(json ? compared : comparisonText(compared));
      }
    });
  addPlanCommand(runs);
}

function say(what: object | string): void {
  process.stdout.write(typeof what === 'string' ? what : `${JSON.stringify(what, null, 2)}\n`);
}

/** What a list says of a run. */
function summaryOf({ path, record, metrics, evaluation }: ExperimentResult) {
  const { name, key, profile, seconds, started, data, weights, backend } = record;
  return {
    folder: basename(path),
    name,
    key,
    profile,
    map: evaluation.final.pooled.map,
    epochs: metrics.filter(({ kind }) => kind === 'epoch').length,
    seconds,
    started,
    train: { parts: data.train.parts, pictures: data.train.pictures },
    evaluate: { parts: data.evaluate.parts, pictures: data.evaluate.pictures },
    weights: weights.source,
    backend: backend.name,
  };
}

function listOf(runs: readonly ReturnType<typeof summaryOf>[], folder: string): string {
  if (runs.length === 0) {
    return `No run records in ${folder}. 'yolov1 train CONFIG' makes one.\n`;
  }
  const rows = runs.map((run) => [
    run.folder,
    run.profile,
    run.backend,
    run.key.slice(0, 8),
    show(run.map),
    String(run.epochs),
    durationInWords(run.seconds),
    ...[run.train, run.evaluate].map(({ pictures }) => String(pictures)),
    run.train.parts.join(' '),
  ]);
  const head = ['run', 'profile', 'backend', 'key', 'mAP@.5', 'epochs', 'time', 'trained on', 'evaluated on'];
  const lines = textTable([head, ...rows.map((row) => row.slice(0, -1))], 4);
  // The lists come last since their length differs most.
  const parts = ['lists', ...rows.map((row) => row[row.length - 1])];
  return `${lines.map((line, index) => printable(`${line}  ${parts[index]}`)).join('\n')}\n`;
}

function comparisonText({ runs, notes, results, config }: Comparison): string {
  const rows = (part: Comparison['config']) =>
    part.map(({ field, values }) => [
      field,
      ...values.map((value) => (value === undefined ? '-' : text(value))),
    ]);
  const same = config.length === 0 ? ['The configurations are the same.'] : [];
  const table = textTable([['', ...runs], ...rows(results), ...rows(config)]);
  return `${[...notes.map((note) => `Note: ${note}`), ...table, ...same].map(printable).join('\n')}\n`;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Four decimals; a list without objects has no mAP (JSON keeps null for it). */
function show(map: number | null): string {
  return map === null ? '-' : map.toFixed(4);
}

function pick(name: string, results: readonly ExperimentResult[], folder: string): ExperimentResult {
  const found = results.find(({ path }) => basename(path) === name);
  if (found) return found;
  const names = results.map(({ path }) => basename(path));
  const hint = names.length > 0 ? `; did you mean '${closest(name, names)}'?` : ', it holds none';
  throw new UserError(`runs: no readable record '${name}' in ${folder}${hint}`);
}
