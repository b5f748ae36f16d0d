// npm run experiments: docs/experiments.md, every run that the notebooks plan, with what has been measured of it.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readRunRecords } from 'yolov1/record';
import { roughDurationInWords } from '../src/yolo/core/duration';

const ROOT = join(__dirname, '..');
export const EXPERIMENTS_PAGE = join(ROOT, 'docs', 'experiments.md');
const PLAN = join(ROOT, 'report', 'experiments.json');
const RECORDS = join(ROOT, 'report', 'runs');

/** The plan of report/experiments.json for a run, or of several that differ in a seed or an arm. */
export interface PlannedRun {
  /** Name of the run; `*` stands for what several of them differ in, or for nothing. */
  run: string;
  /** How many. */
  runs: number;
  /** The claim or question that it decides. */
  decides: string;
  configuration: string;
  epochs: number;
  /** Pictures trained on. */
  pictures: number;
  /** Pictures an update. */
  batch: number;
  /** An update, measured before the run, in seconds; null for a run that was done before there was a plan. */
  stepSeconds: number | null;
  /** Load of the two cores while that was measured. */
  load: number | null;
}

/** The plan of a notebook. */
export interface PlannedNotebook {
  notebook: string;
  runs: PlannedRun[];
}

/** The measured part of a run's record. */
export interface MeasuredRun {
  name: string;
  seconds: number;
  /** Whether a graphics processor trained it. */
  onGpu: boolean;
  /** Null for a list without objects. */
  map: number | null;
}

/** The page, and what keeps it from being whole: records that no plan names, and plans that name the same record. */
export function describeExperiments(
  plan: readonly PlannedNotebook[],
  measured: readonly MeasuredRun[],
): { page: string; unplanned: string[] } {
  const planned = plan.flatMap(({ runs }) => runs);
  const claimed = new Map(measured.map((run) => [run, mostExact(planned, run.name)]));
  const sections = plan.flatMap(({ notebook, runs }) => [
    '',
    `## ${notebook}`,
    '',
    '| run | decides | configuration | epochs | pictures | batch | expected | measured | mAP@.5 |',
    '| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...runs.map((run) =>
      rowOf(
        run,
        measured.filter((done) => claimed.get(done) === run),
      ),
    ),
  ]);
  return {
    page: `${[...head(), ...sections].join('\n')}\n`,
    unplanned: measured.filter((run) => claimed.get(run) === undefined).map(({ name }) => name),
  };
}

function head(): string[] {
  return [
    '# Experiments',
    '',
    'Every run that the notebooks plan, made by `npm run experiments` from report/experiments.json and the records in',
    'report/runs. `expected` is the time of the updates alone, from one update that was measured before the run, with the',
    'load of the two cores at that time: what shares them slows both; `-` is a run from before the plan. `measured` is the',
    'whole run, with features that were not there yet and evaluations; of several runs it is their sum. `on a GPU` is an',
    'NVIDIA H200 through WebGPU, three or four trainings at once. mAP@.5 by the VOC rules on both val lists, 861 pictures; of',
    'several runs from the least to the most.',
  ];
}

function rowOf(run: PlannedRun, done: readonly MeasuredRun[]): string {
  const { runs, decides, configuration, epochs, pictures, batch, stepSeconds, load } = run;
  const expected =
    stepSeconds === null
      ? '-'
      : `${roughDurationInWords(runs * epochs * Math.floor(pictures / batch) * stepSeconds)} (${stepSeconds} s an update, load ${load})`;
  const cells = [
    runs > 1 ? `${run.run} (${runs})` : run.run,
    decides,
    configuration,
    String(epochs),
    pictures.toLocaleString('en'),
    String(batch),
    expected,
    done.length === 0 ? '-' : `${timeOf(done)}${done.length < runs ? ` (${done.length} of ${runs})` : ''}`,
    mapOf(done),
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('*', '\\*')).join(' | ')} |`;
}

/** What runs took on the two cores, and what on a graphics processor. */
function timeOf(done: readonly MeasuredRun[]): string {
  const times = [false, true].flatMap((onGpu) => {
    const seconds = done.filter((run) => run.onGpu === onGpu).map((run) => run.seconds);
    if (seconds.length === 0) return [];
    const time = roughDurationInWords(seconds.reduce((sum, one) => sum + one, 0));
    return onGpu ? `${time} on a GPU` : time;
  });
  return times.join(', ');
}

function mapOf(done: readonly MeasuredRun[]): string {
  const maps = done.flatMap(({ map }) => map ?? []);
  if (maps.length === 0) return '-';
  const [least, most] = [Math.min(...maps), Math.max(...maps)].map((map) => map.toFixed(4));
  return least === most ? least : `${least} to ${most}`;
}

/** The planned run with the longest name that fits: `a-*-b` leaves out what `a-c-*-b` names. */
function mostExact(planned: readonly PlannedRun[], name: string): PlannedRun | undefined {
  return planned
    .filter(({ run }) => new RegExp(`^${run.replaceAll('.', '\\.').replaceAll('*', '.*')}$`).test(name))
    .sort((a, b) => b.run.length - a.run.length)[0];
}

/** The plan of every notebook. */
export function readPlan(): PlannedNotebook[] {
  return JSON.parse(readFileSync(PLAN, 'utf8')).notebooks;
}

/** What the records say. @throws Error naming the first that is damaged or altered. */
export async function readMeasured(records = RECORDS): Promise<MeasuredRun[]> {
  const { results, damaged } = await readRunRecords(records);
  if (damaged.length > 0) throw new Error(damaged.join('\n'));
  return results.map(({ path, record, evaluation }) => ({
    name: basename(path),
    seconds: record.seconds,
    onGpu: record.backend.device !== 'cpu',
    map: evaluation.final.pooled.map,
  }));
}

async function main(): Promise<void> {
  const { page, unplanned } = describeExperiments(readPlan(), await readMeasured());
  writeFileSync(EXPERIMENTS_PAGE, page);
  if (unplanned.length > 0) {
    throw new Error(`in no plan of report/experiments.json: ${unplanned.join(', ')}`);
  }
}

if (require.main === module) {
  main().catch((error: Error) => {
    process.stderr.write(`experiments: ${error.message}\n`);
    process.exitCode = 1;
  });
}
