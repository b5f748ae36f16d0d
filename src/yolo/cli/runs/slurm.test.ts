import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { writeScenesDevkit } from '../../data/scene/writeScenesDevkit';
import { readRunRecords } from '../../record/readRunRecord';
import type { ExperimentResult } from '../../record/runRecord';
import { runExperiment } from '../../run/experiment';
import { SCENES_RUN } from '../../run/fixtures/scenesRun';
import type { PlannedRun } from '../../run/setup/plan';
import { SlurmNode, slurmMissing } from './fixtures/slurmNode';
import { slurmScript } from './slurm';

const BIN = join(__dirname, '..', '..', 'bin', 'yolov1.js');
const folder = mkdtempSync(join(tmpdir(), 'yolov1-slurm-'));
const data = join(folder, 'data');

before(() => writeScenesDevkit(data, { train: 12, val: 8 }));
after(() => rmSync(folder, { recursive: true, force: true }));

const planned = (name: string, run: string | null = null) =>
  ({ name, memory: 1.5e9, inputs: { data: [], weights: 'random', run } }) as unknown as PlannedRun;
const OPTIONS = { program: ['node', "it's"], file: '/p.json', results: '/r', workdir: '/w', gpu: false };

test('runs that start from others wait for them, quoted words stay words, memory is the estimate', () => {
  const runs = [planned('a'), planned('b', 'a'), planned('c'), planned('d', 'b')].map((run, at) => ({
    run,
    at,
  }));
  const script = slurmScript(runs, OPTIONS);
  assert.deepEqual(
    [...script.matchAll(/--array=([\d,]+)/g)].map(([, places]) => places),
    ['0,2', '1', '3'],
  );
  assert.equal(script.match(/--dependency=afterany:"\$before"/g)?.length, 2);
  assert.match(script, /--mem=1431M/);
  assert.match(script, /^exec 'node' 'it'\\''s' train '\/p\.json' --at "\$SLURM_ARRAY_TASK_ID"/m);
  assert.doesNotMatch(script, /gpus/);
  assert.match(slurmScript(runs, { ...OPTIONS, gpu: true }), /--gpus=1/);
  assert.throws(() => slurmScript([], OPTIONS), /every run has a record/);
});

/** Six runs: two of a kind, three that differ in a value, and one that starts from the first one's head. */
const SWEEP = [
  { name: 'seed-0' },
  { name: 'seed-1', seed: 1 },
  { name: 'rate', learningRate: 1e-3 },
  { name: 'decay', optimizer: { kind: 'sgd', weightDecay: 1e-3 } },
  { name: 'yolo', loss: { kind: 'yolo' } },
  { name: 'on', initialHead: 'seed-0' },
].map((run) => ({ ...SCENES_RUN, epochs: 40, ...run }));

/** What must not depend on who ran it. */
const resultOf = ({ record, metrics, evaluation }: ExperimentResult) => ({
  name: record.name,
  key: record.key,
  metrics: metrics.map((line) => ({ ...line, seconds: 0, waited: 0, tensors: 0, residentMiB: 0 })),
  evaluation,
});

test('a sweep on Slurm, with one job killed and one preempted, gives the records of a sequential one', async (context) => {
  const missing = slurmMissing();
  if (missing) {
    context.skip(missing);
    return;
  }
  const at = (name: string) => join(folder, name);
  const file = at('sweep.json');
  writeFileSync(file, JSON.stringify(SWEEP));
  for (const run of SWEEP) {
    await runExperiment(run as never, { results: at('one'), workdir: at('one-work'), dataFolder: data });
  }
  const places = ['--results', at('many'), '--workdir', at('many-work'), '--data', data];
  const plan = (...more: string[]) =>
    execFileSync(process.execPath, [BIN, 'runs', 'plan', file, ...places, ...more], { encoding: 'utf8' });
  // As an engine leaves it that makes the folders of results beforehand.
  mkdirSync(join(at('many'), 'rate'), { recursive: true });
  assert.match(plan(), /6 runs, 6 missing/);
  writeFileSync(at('sweep.sh'), plan('--slurm'));
  mkdirSync(at('slurm'));
  const node = new SlurmNode(at('slurm'));
  try {
    await node.start();
    node.shell(`sh '${at('sweep.sh')}'`, folder);
    await node.until(() => hasCheckpoint('seed-0'));
    // An urgent job takes the node from whichever runs; between two of them it finds none to take it from.
    await node.until(() => {
      if (!node.ask('squeue', ['-h', '-p', 'urgent'])) {
        node.shell('sbatch --partition=urgent --cpus-per-task=2 --output=/dev/null --wrap=true', folder);
      }
      return restarts() > 0;
    });
    await node.until(() => hasCheckpoint('rate') && processOf(2) !== undefined);
    process.kill(processOf(2)!, 'SIGKILL');
    await node.until(
      () =>
        processOf(2) === undefined &&
        !node.ask('squeue', ['-h', '-r', '-t', 'R,CG', '-o', '%K']).split('\n').includes('2'),
    );
    node.shell('scontrol requeue 1_2', folder);
    assert.ok(restarts() > 1, 'one was preempted, one killed');
    await node.until(() => node.ask('squeue', ['-h', '-r']) === '');
  } finally {
    await node.stop();
  }
  const logs = readdirSync(folder).filter((name) => name.endsWith('.log'));
  const said = logs.map((name) => readFileSync(at(name), 'utf8')).join('\n');
  assert.match(plan(), /6 runs, 0 missing/, said);
  const [one, many] = await Promise.all([readRunRecords(at('one')), readRunRecords(at('many'))]);
  assert.deepEqual(many.damaged, []);
  assert.deepEqual(many.results.map(resultOf), one.results.map(resultOf));

  /** How many of the first array's jobs were started again. */
  function restarts(): number {
    return node.ask('scontrol', ['show', 'job', '1']).match(/Restarts=[1-9]/g)?.length ?? 0;
  }

  function hasCheckpoint(name: string): boolean {
    const checkpoints = join(at('many-work'), name, 'checkpoints');
    return (
      existsSync(join(at('many'), name, 'record.json')) ||
      (existsSync(checkpoints) && readdirSync(checkpoints).some((entry) => entry.endsWith('.json')))
    );
  }

  /** The process that trains the run at this place of the file. */
  function processOf(place: number): number | undefined {
    const found = readdirSync('/proc').find((pid) => {
      if (!/^\d+$/.test(pid)) return false;
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        return words.includes(file) && words[words.indexOf('--at') + 1] === String(place);
      } catch {
        return false;
      }
    });
    return found === undefined ? undefined : Number(found);
  }
});
