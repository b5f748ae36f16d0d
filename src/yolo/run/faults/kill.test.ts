import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../core/random';
import { readRunRecord } from '../../record/readRunRecord';
import { readLatestCheckpoint } from '../workdir/checkpoint';
import { assertSame, type Outcome } from './tinyRun';
import { TrainFolder } from './trainProcess';

/** What a process may be at when it is killed, and how long that takes at most, in milliseconds. */
const MOMENTS = { features: 150, steps: 40, checkpoint: 8, evaluation: 60, record: 4 } as const;
type Moment = keyof typeof MOMENTS;
const KILLS = 20;

let folder: TrainFolder;
let key: string;
let expected: Outcome;

before(async () => {
  folder = await TrainFolder.prepare(await mkdtemp(join(tmpdir(), 'kill-')));
  const { status, stderr } = await folder.start('whole').ended;
  assert.equal(status, 0, stderr);
  key = (await readRunRecord(folder.place('whole').record)).record.key;
  expected = await folder.outcome('whole');
});
after(() => rm(folder.folder, { recursive: true, force: true }));

function names(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Whether the process in a place is at something, seen by the files that it has under way. */
function isAt(name: string, moment: Moment): () => boolean {
  const { features, run, checkpoints, records } = folder.place(name);
  const metrics = join(run, 'metrics.jsonl');
  switch (moment) {
    case 'features':
      return () => names(features).some((file) => file.endsWith('.tmp'));
    case 'steps': {
      // The file is written anew before the first step.
      let least = sizeOf(metrics);
      return () => {
        const size = sizeOf(metrics);
        const grown = size > least;
        least = Math.min(least, size);
        return grown;
      };
    }
    case 'checkpoint':
      return () => names(checkpoints).some((file) => file.endsWith('.tmp'));
    case 'evaluation':
      return () => names(run).some((file) => file.startsWith('weights.safetensors.'));
    case 'record':
      return () => names(records).some((file) => file.endsWith('.tmp'));
  }
}

test('a training that is killed at any moment, again and again, ends as an undisturbed one', async () => {
  const random = new Random('kill');
  const counts = { features: 0, steps: 0, checkpoint: 0, evaluation: 0, record: 0 };
  const killed = () => Object.values(counts).reduce((sum, count) => sum + count, 0);
  let [lost, wrong] = [0, 0];
  // A process on a busy machine may be over before it is killed: then there is one run more.
  for (let run = 0; killed() < KILLS && run < 2 * KILLS; run++) {
    const name = `run-${run}`;
    const { checkpoints, records } = folder.place(name);
    const newest = async () => (await readLatestCheckpoint(checkpoints, key))?.step ?? 0;
    for (const moment of Object.keys(counts) as Moment[]) {
      if (killed() === KILLS) break;
      const before = await newest();
      const trainer = folder.start(name, ['--resume']);
      await trainer.until(isAt(name, moment));
      await sleep(random.uniform(0, MOMENTS[moment]));
      trainer.child.kill('SIGKILL');
      const { signal, status, stderr } = await trainer.ended;
      if (signal === 'SIGKILL') counts[moment] += 1;
      else assert.equal(status, 0, stderr);
      if ((await newest()) < before && !names(records).includes('run')) lost += 1;
    }
    const { status, stderr } = await folder.start(name, ['--resume']).ended;
    assert.equal(status, 0, stderr);
    try {
      assertSame(await folder.outcome(name), expected);
    } catch (error) {
      wrong += 1;
      process.stderr.write(`${error}\n`);
    }
  }
  const moments = Object.entries(counts).map(([moment, count]) => `${moment} ${count}`);
  process.stdout.write(`${killed()} kill -9 (${moments.join(', ')}): ${lost} lost, ${wrong} wrong\n`);
  assert.deepEqual({ killed: killed(), lost, wrong }, { killed: KILLS, lost: 0, wrong: 0 });
});
