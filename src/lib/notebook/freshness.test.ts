import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { writeNotebook } from './file';
import type { CodeCell, Notebook } from './format';
import { isStale, takeFreshness } from './freshness';

let project: string;
let file: string;

function write(path: string, text: string): void {
  mkdirSync(dirname(join(project, path)), { recursive: true });
  writeFileSync(join(project, path), text);
}

/** A project with a package of its own, a foreign one, a run record and a notebook that uses them all. */
beforeEach(async () => {
  project = mkdtempSync(join(tmpdir(), 'freshness-test-'));
  file = join(project, 'notebooks', 'n.ipynb');
  write('package.json', '{}');
  write('src/own/package.json', '{"name": "own", "version": "1.0.0", "main": "dist/index.js"}');
  write('src/own/index.ts', "export { loss } from './loss';\nexport { draw } from './draw';\n");
  write('src/own/loss.ts', "import { add } from './add';\nexport const loss = add;\n");
  write('src/own/add.ts', 'export const add = 1;\n');
  write('src/own/draw.ts', "import foreign from 'foreign';\nexport const draw = foreign;\n");
  write('node_modules/foreign/package.json', '{"name": "foreign", "version": "1.2.3"}');
  symlinkSync('../src/own', join(project, 'node_modules', 'own'));
  write('notebooks/beside.ts', 'export const beside = 1;\n');
  write('report/runs/a/evaluation.json', '{"map": 0.5}');
  await execute("import { loss } from 'own';\nimport { beside } from './beside';");
});

afterEach(() => rmSync(project, { recursive: true }));

/** Writes the notebook with the fingerprints that executing it would have left. */
async function execute(code: string, inputs = [join(project, 'report/runs/a')]): Promise<Notebook> {
  const notebook: Notebook = {
    cells: [
      { cell_type: 'markdown', id: 'a', metadata: {}, source: 'Text.' },
      { cell_type: 'code', id: 'b', metadata: {}, source: code, execution_count: 1, outputs: [] },
    ],
    metadata: {},
    nbformat: 4,
    nbformat_minor: 5,
  };
  notebook.metadata.yolov1 = { freshness: takeFreshness(notebook, file, inputs) };
  await writeNotebook(file, notebook);
  return notebook;
}

test('a notebook that nothing changed under is fresh', () => {
  assert.deepEqual(isStale(file), []);
});

test('a notebook that was never executed is stale', async () => {
  const notebook = await execute('1');
  await writeNotebook(file, { ...notebook, metadata: {} });
  assert.deepEqual(isStale(file), ['it has not been executed yet']);
});

test('changed code makes it stale, changed prose does not', async () => {
  const notebook = await execute('1');
  notebook.cells[0]!.source = 'Other text.';
  await writeNotebook(file, notebook);
  assert.deepEqual(isStale(file), []);
  notebook.cells[1]!.source = '2';
  await writeNotebook(file, notebook);
  assert.deepEqual(isStale(file), ['its code changed']);
});

test('outputs that another program stored make it stale, the same ones do not', async () => {
  const notebook = await execute('1');
  const code = notebook.cells[1] as CodeCell;
  code.execution_count = 7;
  await writeNotebook(file, notebook);
  assert.deepEqual(isStale(file), []);
  code.outputs = [{ output_type: 'stream', name: 'stdout', text: 'profile smoke\n' }];
  await writeNotebook(file, notebook);
  assert.deepEqual(isStale(file), ['its outputs are not those of its last execution']);
});

test('a changed, added or missing run record makes it stale', () => {
  write('report/runs/a/evaluation.json', '{"map": 0.6}');
  assert.match(isStale(file).join(), /report\/runs\/a changed$/);
  write('report/runs/a/evaluation.json', '{"map": 0.5}');
  assert.deepEqual(isStale(file), []);
  write('report/runs/a/more.json', '{}');
  assert.match(isStale(file).join(), /report\/runs\/a changed$/);
  rmSync(join(project, 'report'), { recursive: true });
  assert.match(isStale(file).join(), /report\/runs\/a is missing$/);
});

test('of a package of ours exactly the files behind the imported names count, however deep', () => {
  write('src/own/draw.ts', 'export const draw = 2;\n');
  write('src/own/loss.test.ts', 'test');
  assert.deepEqual(isStale(file), []);
  write('src/own/add.ts', 'export const add = 2;\n');
  assert.deepEqual(isStale(file), ['the package own changed']);
});

test('a file beside the notebook counts', () => {
  write('notebooks/beside.ts', 'export const beside = 2;\n');
  assert.deepEqual(isStale(file), ['a file beside it changed']);
});

test('of a foreign package the version counts, also where ours imports it', async () => {
  await execute(
    "import { draw } from 'own';\nimport * as foreign from 'foreign';\nimport { join } from 'path';",
  );
  assert.deepEqual(isStale(file), []);
  write('node_modules/foreign/package.json', '{"name": "foreign", "version": "1.2.4"}');
  assert.deepEqual(isStale(file), ['the package foreign changed', 'the package own changed']);
});

test('fingerprints name no path of this machine, and inputs outside of the project are left out', async () => {
  const outside = mkdtempSync(join(tmpdir(), 'outside-'));
  const notebook = await execute("import { loss } from 'own';", [outside, join(project, 'report/runs/a')]);
  rmSync(outside, { recursive: true });
  const { freshness } = notebook.metadata.yolov1 as { freshness: { inputs: Record<string, string> } };
  assert.deepEqual(Object.keys(freshness.inputs), ['../report/runs/a']);
  assert.doesNotMatch(JSON.stringify(freshness), new RegExp(tmpdir()));
  assert.deepEqual(isStale(file), []);
});

test('a package whose source is gone makes it stale', () => {
  unlinkSync(join(project, 'node_modules', 'own'));
  assert.deepEqual(isStale(file), ['the package own changed']);
});
