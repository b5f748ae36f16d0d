import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertSame, type Outcome } from './tinyRun';
import { type Ending, TrainFolder } from './trainProcess';

let folder: TrainFolder;
let expected: Outcome;

before(async () => {
  folder = await TrainFolder.prepare(await mkdtemp(join(tmpdir(), 'signals-')));
  const { status, stderr } = await folder.start('whole', ['--resume']).ended;
  assert.equal(status, 0, stderr);
  // There was nothing to resume.
  assert.match(stderr, /^nothing to go on from, starting anew$/m);
  expected = await folder.outcome('whole');
});
after(() => rm(folder.folder, { recursive: true, force: true }));

/** What the program itself said, without the lines of progress. */
function said({ stderr }: Ending): string[] {
  return stderr.split('\n').filter((line) => line.startsWith('yolov1: '));
}

/** Until a process has done its first step. */
const hasStepped = (name: string) => () => {
  const path = join(folder.place(name).run, 'metrics.jsonl');
  return existsSync(path) && statSync(path).size > 0;
};

test('Ctrl-C while features are computed ends at once, with nothing half-written, and says that nothing was trained', async () => {
  // So many views that they take a while.
  const trainer = folder.start('features', ['--set', 'views.crops=40']);
  const { features, run } = folder.place('features');
  await trainer.until(
    () => existsSync(features) && readdirSync(features).some((name) => name.endsWith('.tmp')),
  );
  trainer.child.kill('SIGINT');
  const ending = await trainer.ended;
  assert.equal(ending.status, 130, ending.stderr);
  assert.equal(said(ending).length, 1);
  assert.match(
    said(ending)[0],
    /run: stopped while features were computed, before the first step; start again$/,
  );
  assert.ok(!existsSync(run), 'a run was left');
  assert.ok(!readdirSync(features).some((name) => name.endsWith('.tmp')), 'half of the features were left');
});

test('Ctrl-C and a polite kill save and end in order, and --resume goes on from there', async () => {
  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const trainer = folder.start('stopped', signal === 'SIGTERM' ? ['--resume'] : []);
    await trainer.until(
      signal === 'SIGINT' ? hasStepped('stopped') : () => /going on after step/.test(trainer.said()),
    );
    trainer.child.kill(signal);
    const ending = await trainer.ended;
    assert.equal(ending.status, status, ending.stderr);
    assert.match(
      said(ending).at(-1)!,
      /run: stopped after step \d, everything is saved; go on with --resume$/,
    );
  }
  // Without being told to, nothing is gone on from, and nothing is lost.
  const refused = await folder.start('stopped').ended;
  assert.equal(refused.status, 1);
  assert.match(
    said(refused)[0],
    /holds an unfinished run, saved after step \d; go on with --resume or start anew with --retrain$/,
  );
  const ending = await folder.start('stopped', ['--resume']).ended;
  assert.equal(ending.status, 0, ending.stderr);
  assert.match(ending.stderr, /^going on after step \d$/m);
  assertSame(await folder.outcome('stopped'), expected);
});

test('a terminal that is closed ends a training as a polite kill does, though nobody reads what it says', async () => {
  const trainer = folder.start('closed');
  trainer.child.stderr!.destroy();
  await trainer.until(hasStepped('closed'));
  trainer.child.kill('SIGHUP');
  const ending = await trainer.ended;
  assert.equal(ending.status, 129, `${ending.signal}`);
  const resumed = await folder.start('closed', ['--resume']).ended;
  assert.equal(resumed.status, 0, resumed.stderr);
  assert.match(resumed.stderr, /^going on after step \d$/m);
  assertSame(await folder.outcome('closed'), expected);
});

test('a closed stderr alone does not end a training', async () => {
  const trainer = folder.start('unheard');
  trainer.child.stderr!.destroy();
  const ending = await trainer.ended;
  assert.equal(ending.status, 0, `${ending.signal}`);
  assertSame(await folder.outcome('unheard'), expected);
});

test('a second Ctrl-C ends at once, and what was saved before is gone on from', async () => {
  const trainer = folder.start('twice');
  await trainer.until(hasStepped('twice'));
  trainer.child.kill('SIGINT');
  // Two that come at the same time are one to the system.
  await sleep(5);
  trainer.child.kill('SIGINT');
  const { signal, status } = await trainer.ended;
  assert.ok(signal === 'SIGINT' || status === 130, `${signal} ${status}`);
  const ending = await folder.start('twice', ['--resume']).ended;
  assert.equal(ending.status, 0, ending.stderr);
  assertSame(await folder.outcome('twice'), expected);
});

test('of two trainings on one run directory the second is refused, the first ends as if it had been alone', async () => {
  const first = folder.start('shared');
  await first.until(() => existsSync(join(folder.place('shared').run, 'lock')));
  // It holds still meanwhile, however long the other takes to start.
  first.child.kill('SIGSTOP');
  const second = await folder.start('shared', ['--resume']).ended;
  first.child.kill('SIGCONT');
  assert.equal(second.status, 1, second.stderr);
  assert.equal(said(second).length, 1, second.stderr);
  assert.match(said(second)[0], new RegExp(`run: process ${first.child.pid} is training here; wait for it`));
  const { status, stderr } = await first.ended;
  assert.equal(status, 0, stderr);
  assertSame(await folder.outcome('shared'), expected);
});
