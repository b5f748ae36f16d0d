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

test('some are found by the beginnings of their names or by their paths', () => {
  assert.deepEqual(findNotebooks(folder, ['02']), [join(folder, '02-b.ipynb')]);
  assert.deepEqual(findNotebooks(folder, ['notebooks/02-b.ipynb']), [join(folder, '02-b.ipynb')]);
  assert.deepEqual(findNotebooks(folder, ['1', '01']), [
    join(folder, '01-a.ipynb'),
    join(folder, '10-last.ipynb'),
  ]);
});

test('a beginning that fits none, or a folder without notebooks, is an error that says what there is', () => {
  assert.throws(
    () => findNotebooks(folder, ['01', '7']),
    /name begins with '7'.* 01-a\.ipynb, 02-b\.ipynb, 10-last\.ipynb/,
  );
  assert.throws(() => findNotebooks(__dirname), /no notebook; expected \*\.ipynb/);
  assert.throws(() => findNotebooks(join(folder, 'no')), /cannot list the notebooks/);
});
