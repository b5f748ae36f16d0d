import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readRunRecord } from '../../record/readRunRecord';
import { writeRunRecord } from './writeRunRecord';

test('a file that has the name of a record stays, and the record goes beside it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'write-record-'));
  const stored = await readRunRecord(join(__dirname, '../../../../report/runs/00-whole-mini'));
  const notes = join(folder, stored.record.name);
  writeFileSync(notes, 'mine');
  const { path } = await writeRunRecord(folder, stored);
  assert.equal(path, `${notes}-${stored.record.key.slice(0, 8)}`);
  assert.equal(readFileSync(notes, 'utf8'), 'mine');
  assert.ok(existsSync(join(path, 'record.json')));
  await rm(folder, { recursive: true });
});
