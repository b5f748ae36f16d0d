import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { unchangedNotebooks } from './unchangedNotebooks.mjs';

const skip = spawnSync('git', ['--version']).status === 0 ? false : 'git is not installed';
let folder;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'unchanged-test-'));
  mkdirSync(join(folder, 'notebooks'));
});
after(() => rmSync(folder, { recursive: true }));

function put(name, text) {
  writeFileSync(join(folder, 'notebooks', name), text);
}

function git(...args) {
  const who = ['-c', 'user.name=test', '-c', 'user.email=test@test.invalid', '-c', 'commit.gpgsign=false'];
  const { status, stderr } = spawnSync('git', [...who, ...args], { cwd: folder, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}

test('without git no notebook is vouched for', () => {
  put('own.ipynb', '1');
  assert.deepEqual(unchangedNotebooks(folder), []);
});

test('a notebook counts as it was committed; neither changed nor put there by somebody, staged or not', {
  skip,
}, () => {
  for (const name of [
    'own.ipynb',
    'odd "name".ipynb',
    'edited.ipynb',
    'staged.ipynb',
    'deleted.ipynb',
    'notes.txt',
  ])
    put(name, '1');
  git('init', '-q');
  git('add', '.');
  git('commit', '-qm', 'One');
  put('edited.ipynb', '2');
  put('staged.ipynb', '2');
  put('added.ipynb', '1');
  git('add', 'notebooks/staged.ipynb', 'notebooks/added.ipynb');
  put('strange.ipynb', '1');
  rmSync(join(folder, 'notebooks', 'deleted.ipynb'));
  assert.deepEqual(unchangedNotebooks(folder).sort(), ['notebooks/odd "name".ipynb', 'notebooks/own.ipynb']);
});
