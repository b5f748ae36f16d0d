import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Cell } from '../../notebook/format';
import { code, makeProject, markdown, printed } from '../fixtures/sampleProject';
import { reportCommand } from './reportCommand';

const folders: string[] = [];
after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

async function project(notebooks: Record<string, Cell[]>): Promise<string> {
  const root = await makeProject(notebooks);
  folders.push(root);
  return root;
}

async function run(root: string, ...args: string[]): Promise<string[]> {
  const lines: string[] = [];
  await reportCommand(root, args, (line) => lines.push(line));
  return lines;
}

const page = (root: string) => readFile(join(root, 'report/site/a/index.html'), 'utf8');

test('the page is built from stored outputs with progress by step, and its path is the last line', async () => {
  const root = await project({ '01-a.ipynb': [markdown('# A'), code('1;', printed('stored'))] });
  const lines = await run(root);
  assert.deepEqual(lines.slice(0, 3), ['  read 1 notebook, 1 run record', '  01-a.ipynb', '  writing']);
  assert.match(lines[3], /^Report: 1 notebook, \d+ kB, built in [\d.]+ s$/);
  assert.equal(lines.at(-1), join(root, 'report/site/index.html'));
  assert.match(await page(root), /stored/);
});

test('--check names the notebooks that are out of date and builds nothing', async () => {
  const root = await project({ '01-a.ipynb': [markdown('# A')], '02-b.ipynb': [markdown('# B')] });
  await assert.rejects(run(root, '--check'), {
    name: 'NotebookError',
    message:
      'out of date: 01-a.ipynb (it has not been executed yet); 02-b.ipynb (it has not been executed yet); run npm run report -- --stale',
  });
  await assert.rejects(run(root, '--check', '--only', '02'), /^NotebookError: out of date: 02-b\.ipynb \(/);
  await assert.rejects(page(root), /ENOENT/);
});

test('--stale executes what is out of date and only that; a changed cell makes its notebook stale again', async () => {
  const root = await project({ '01-a.ipynb': [markdown('# A'), code('console.log(6 * 7);')] });
  const first = await run(root, '--stale');
  assert.equal(first[0], '01-a.ipynb: executing (it has not been executed yet)');
  assert.deepEqual(first.slice(1, 3), ['  cell 1 of 1', '    42']);
  assert.match(await page(root), /<samp>42<\/samp>/);
  assert.equal((await run(root, '--stale'))[0], '01-a.ipynb: up to date');
  await run(root, '--check');

  const path = join(root, 'notebooks/01-a.ipynb');
  await writeFile(path, (await readFile(path, 'utf8')).replace('6 * 7', '6 * 8'));
  await assert.rejects(run(root, '--check'), /out of date: 01-a\.ipynb \(its code changed\)/);
  assert.equal((await run(root, '--stale'))[0], '01-a.ipynb: executing (its code changed)');
  assert.match(await page(root), /<samp>48<\/samp>/);
});

test('a cell that fails stops the command with notebook, cell and error, and the page that was there stays', async () => {
  const root = await project({
    '01-a.ipynb': [markdown('# A'), code('const a = 1;'), code('throw new Error("broken");')],
  });
  await run(root);
  const before = await page(root);
  await assert.rejects(run(root, '--execute'), /01-a\.ipynb: cell 2 of 2 .*failed: .*broken/s);
  assert.equal(await page(root), before);
});

test('wrong arguments are one line that says where help is', async () => {
  const root = await project({ '01-a.ipynb': [markdown('# A')] });
  await assert.rejects(run(root, '--stail'), /^NotebookError: report: Unknown option '--stail'.*--help$/);
  await assert.rejects(run(root, '--stale', '--check'), /--stale and --check exclude each other/);
  await assert.rejects(run(root, '--only', '01'), /--only says what --stale, --execute or --check is for/);
  await assert.rejects(
    run(root, '--stale', '--only', '7'),
    /no notebook's name begins with '7'; in \S+notebooks there are 01-a\.ipynb/,
  );
  await assert.rejects(run(root, '--single', '--check'), /--single and --check exclude each other/);
  await assert.rejects(run(root, '--watch', '--only', '01'), /--only says what/);
  assert.match((await run(root, '--help'))[0], /--execute/);
});

test('a project without notebooks says where they are expected', async () => {
  const root = await project({});
  await assert.rejects(run(root), /notebooks: no notebook; expected \*\.ipynb/);
});
