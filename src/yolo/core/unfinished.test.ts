import assert from 'node:assert/strict';
import { existsSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { removeUnfinished, unfinishedName } from './unfinished';

test('what a process that is gone was writing is removed, that of another machine once it is a day old', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'unfinished-'));
  const path = join(folder, 'features');
  const mine = unfinishedName(path);
  const [, place] = /-(\w+)-\d+\.tmp$/.exec(mine)!;
  // No system numbers its processes that high; on another machine this one's number may be anybody's.
  const gone = `${path}.4194305-${place}-0.tmp`;
  const [young, old] = [`${path}.4194305-elsewhere-0.tmp`, `${path}.${process.pid}-elsewhere-0.tmp`];
  for (const file of [mine, gone, young, old]) writeFileSync(file, '');
  const yesterday = Date.now() / 1000 - 25 * 3600;
  utimesSync(old, yesterday, yesterday);
  await removeUnfinished(path);
  assert.deepEqual([mine, gone, young, old].map(existsSync), [true, false, true, false]);
  await rm(folder, { recursive: true });
});
