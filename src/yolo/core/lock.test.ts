import assert from 'node:assert/strict';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { Lock, withLock } from './lock';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
  file = join(folder, 'deep', 'lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

const nobody = () => assert.fail('had to wait');

/** The lock as this process writes it, with some of it changed. */
async function lockOf(changes: object): Promise<string> {
  const lock = await taken();
  const text = readFileSync(file, 'utf8');
  await lock.release();
  return JSON.stringify({ ...JSON.parse(text), ...changes });
}

async function taken(): Promise<Lock> {
  const lock = await Lock.take(file);
  assert.ok(lock instanceof Lock, String(lock));
  return lock;
}

test('works under the lock follow one another', async () => {
  const events: string[] = [];
  let second: Promise<void> | undefined;
  let waited = '';
  await withLock(file, nobody, async () => {
    events.push('a begins');
    const waits = new Promise<void>((resolve) => {
      second = withLock(
        file,
        (holder) => {
          waited = holder;
          resolve();
        },
        async () => {
          events.push('b');
        },
      );
    });
    await waits;
    events.push('a ends');
  });
  await second;
  assert.deepEqual(events, ['a begins', 'a ends', 'b']);
  assert.equal(waited, `process ${process.pid}`);
  assert.deepEqual(readdirSync(dirname(file)), []);
});

test('the lock is released when the work fails', async () => {
  const broken = () => Promise.reject(new Error('broken'));
  await assert.rejects(withLock(file, nobody, broken), /broken/);
  assert.equal(existsSync(file), false);
});

test('the lock of a process of this machine that is gone is taken over at once', async () => {
  // Process numbers end at 4194304 on Linux.
  for (const changes of [{ process: 4194305 }, { started: '1' }, {}]) {
    writeFileSync(file, await lockOf(changes));
    await (await taken()).release();
  }
  writeFileSync(file, await lockOf({ process: process.ppid, started: '' }));
  assert.equal(await Lock.take(file), `process ${process.ppid}`);
});

test('a lock of another machine or container is taken over when it gave no sign of life for a minute', async () => {
  for (const changes of [{ host: 'elsewhere' }, { space: 'pid:[1]' }]) {
    writeFileSync(file, await lockOf({ ...changes, process: 4194305 }));
    const words = `process 4194305 on ${'host' in changes ? 'elsewhere' : hostname()} (which gave a sign of life`;
    assert.ok(String(await Lock.take(file)).startsWith(words));
    const old = new Date(Date.now() - 61_000);
    utimesSync(file, old, old);
    await (await taken()).release();
  }
});

test('a lock that says nothing, as of a process that was just killed, is judged by its age', async () => {
  for (const text of ['', '{"process":', '12 34', '[]']) {
    await (await taken()).release();
    writeFileSync(file, text);
    assert.match(String(await Lock.take(file)), /^another process \(which gave a sign of life \d+ s ago\)$/);
    const old = new Date(Date.now() - 61_000);
    utimesSync(file, old, old);
    await (await taken()).release();
  }
});

test("who lost the lock learns of it, and does not take away what is now another's", async () => {
  const lock = await taken();
  assert.equal(await lock.isMine(), true);
  const other = JSON.stringify({ process: 1, started: '2', host: 'elsewhere', space: '' });
  writeFileSync(file, other);
  assert.equal(await lock.isMine(), false);
  await lock.release();
  assert.equal(readFileSync(file, 'utf8'), other);
});

test('a holder gives signs of life while its thread is busy', async () => {
  const lock = await taken();
  const old = new Date(Date.now() - 50_000);
  utimesSync(file, old, old);
  const { mtimeMs } = statSync(file);
  while ((lock as unknown as { beat?: object }).beat === undefined) await new Promise(setImmediate);
  // Nothing lets this thread go on until the file was written.
  while (statSync(file).mtimeMs === mtimeMs);
  assert.equal(await lock.isMine(), true);
  await lock.release();
});
