import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { withLock } from './lock';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
  file = join(folder, 'deep', 'lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

const nobody = () => assert.fail('had to wait');

test('works under the lock follow one another', async () => {
  const events: string[] = [];
  const work = (name: string) => async () => {
    events.push(`${name} begins`);
    await sleep(20);
    events.push(`${name} ends`);
  };
  let waited = '';
  const first = withLock(file, nobody, work('a'));
  const second = withLock(file, (holder) => (waited = holder), work('b'));
  await Promise.all([first, second]);
  assert.deepEqual(events, ['a begins', 'a ends', 'b begins', 'b ends']);
  assert.equal(waited, `process ${process.pid} on ${hostname()}`);
});

test('the lock is released when the work fails', async () => {
  await assert.rejects(
    withLock(file, nobody, () => Promise.reject(new Error('broken'))),
    /broken/,
  );
  assert.equal(existsSync(file), false);
});

test('the lock of a process that is gone is taken over', async () => {
  await withLock(file, nobody, async () => {});
  // Process numbers end at 4194304 on Linux.
  writeFileSync(file, `process 4194305 on ${hostname()}\n`);
  assert.equal(await withLock(file, nobody, async () => 7), 7);
});

test('a lock on another machine is taken over once it was not touched for long', async () => {
  await withLock(file, nobody, async () => {});
  writeFileSync(file, 'process 1 on elsewhere\n');
  const old = new Date(Date.now() - 60_000);
  utimesSync(file, old, old);
  assert.equal(await withLock(file, nobody, async () => 7), 7);
});
