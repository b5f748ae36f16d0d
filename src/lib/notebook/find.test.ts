import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { findNotebooks } from './find';

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'find-test-'));
  for (const name of ['10-last.ipynb', '02-b.ipynb', '01-a.ipynb', 'notes.md'])
    writeFileSync(join(folder, name), '');
});
after(() => rmSync(folder, { recursive: true }));

test('notebooks come in the order of their names', () => {
  const names = ['01-a.ipynb', '02-b.ipynb', '10-last.ipynb'];
  assert.deepEqual(
    findNotebooks(folder),
    names.map((name) => join(folder, name)),
  );
});

test('one is found by the beginning of its name or by its path', () => {
  assert.deepEqual(findNotebooks(folder, '02'), [join(folder, '02-b.ipynb')]);
  assert.deepEqual(findNotebooks(folder, 'notebooks/02-b.ipynb'), [join(folder, '02-b.ipynb')]);
});

test('a beginning that fits none or several, or a folder without notebooks, is an error with the names', () => {
  assert.throws(
    () => findNotebooks(folder, '7'),
    /begins? with '7'.* 01-a\.ipynb, 02-b\.ipynb, 10-last\.ipynb/,
  );
  assert.throws(() => findNotebooks(folder, '0'), /with '0'/);
  assert.throws(() => findNotebooks(__dirname), /has no notebooks \(\*\.ipynb\)/);
  assert.throws(() => findNotebooks(join(folder, 'no')), /can not be read/);
});
