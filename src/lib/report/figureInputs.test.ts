import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { CodeCell } from '../notebook/format';
import { parseNotebook } from '../notebook/parse';
import { readStatements } from './cellStatements';
import { figureInputs } from './figureInputs';
import type { Place } from './place';

const SHOW = (label: string, value: string) =>
  `lib.showFigure(await lib.chart(${value}, { label: '${label}' }));`;

const place = (index: number): Place => ({ notebook: 'n.ipynb', kind: 'code', cell: index + 1 });

/** Files behind the figure `f` of the last cell; each cell with what was read while it was executed. */
function behind(...cells: (string | [source: string, ...inputs: string[]])[]): string[] {
  const list = cells.map((cell) => (typeof cell === 'string' ? ([cell] as const) : cell));
  const code = list.map(([source], k) => readStatements(source, place(k)));
  return figureInputs(code, (cell) => list[cell].slice(1))(code.length - 1, 'f');
}

test('a figure names the run whose variable it uses, and not the others of its notebook', () => {
  const train: [string, ...string[]][] = [
    ["const a = await yolo.runExperiment({ name: 'a' });\nlib.recordInput(a.path);", 'runs/a'],
    ['const b = await yolo.runExperiment(other);\nlib.recordInput(b.path);', 'runs/b'],
  ];
  assert.deepEqual(behind(...train, SHOW('f', 'a.metrics')), ['runs/a']);
  assert.deepEqual(behind(...train, SHOW('f', '{ rows: [a, b] }')), ['runs/a', 'runs/b']);
  assert.deepEqual(behind(...train, 'const best = a.map > 0 ? b : 0;', SHOW('f', '{ best }')), [
    'runs/a',
    'runs/b',
  ]);
  assert.deepEqual(behind(...train, SHOW('f', '[1, 2, 3]')), []);
  // Names of fields and of a function's own variables are other names.
  assert.deepEqual(behind(...train, SHOW('f', '{ a: x.a, rows: list.map((b) => b + 1) }')), []);
});

test('settings that stand in the cell of a run are not its result', () => {
  const cell = 'const base = { epochs: 1 };\nconst a = await train(base);\nlib.recordInput(a.path);';
  assert.deepEqual(behind([cell, 'runs/a'], SHOW('f', 'base.epochs')), []);
});

test('what is taken from a run or a file before it is noted is followed as well', () => {
  const note = (cell: string) => behind([cell, 'runs/a'], SHOW('f', 'x'));
  const cells = [
    'const run = await train();\nconst x = run.map;\nlib.recordInput(run.path);',
    "const x = readFile('a.json');\nlib.recordInput('a.json');",
    "const path = 'a.json';\nconst x = readFile(path);\nlib.recordInput(path);",
    "const x = readAll();\nlib.recordInput('a.json');",
  ];
  for (const cell of cells) assert.deepEqual(note(cell), ['runs/a'], cell);
  assert.deepEqual(note("const x = 1;\nconst y = readFile('a.json');\nlib.recordInput('a.json');"), []);
});

test('runs that are collected in a loop are followed into the list, the record or the map', () => {
  const loops = [
    'const all = [];\nfor (const name of names) {\n  const run = await yolo.runExperiment(name);\n  lib.recordInput(run.path);\n  all.push({ name, run });\n}',
    'const all = {};\nfor (const name of names) {\n  all[name] = await yolo.runExperiment(name);\n  lib.recordInput(all[name].path);\n}',
    'const all = new Map();\nfor (const name of names) {\n  const run = await yolo.runExperiment(name);\n  recordInput(run.path);\n  all.set(name, run);\n}',
    'const all: Record<string, object[]> = {};\nfor (const name of names) {\n  const list = (all[name] ??= []);\n  const run = await yolo.runExperiment(name);\n  lib.recordInput(run.path);\n  list.push(run);\n}',
    'let all;\nconst run = await yolo.runExperiment(1);\nlib.recordInput(run.path);\n({ all } = run);',
  ];
  for (const loop of loops) {
    assert.deepEqual(behind([loop, 'runs/a', 'runs/b'], SHOW('f', 'all')), ['runs/a', 'runs/b'], loop);
    assert.deepEqual(behind([loop, 'runs/a', 'runs/b'], SHOW('f', 'names')), [], loop);
  }
});

test('a run that a function reads is that of the cell which calls it', () => {
  const make =
    'async function train(name) {\n  const run = await yolo.runExperiment(name);\n  lib.recordInput(run.path);\n  return run;\n}\nconst twice = (name) => train(name);';
  assert.deepEqual(
    behind(
      make,
      ["const a = await twice('a');", 'runs/a'],
      ["const b = await train('b');", 'runs/b'],
      SHOW('f', 'b'),
    ),
    ['runs/b'],
  );
  const into =
    'async function train(list) {\n  const run = await yolo.runExperiment(1);\n  lib.recordInput(run.path);\n  list.push(run);\n}';
  assert.deepEqual(behind(into, ['const list = [];\nawait train(list);', 'runs/a'], SHOW('f', 'list')), [
    'runs/a',
  ]);
  const hidden = 'const all = [];\nconst keep = (run) => all.push(run);\nconst show = () => all.length;';
  assert.deepEqual(
    behind(
      hidden,
      ['const r = await yolo.runExperiment(1);\nlib.recordInput(r.path);\nkeep(r);', 'runs/a'],
      SHOW('f', 'show()'),
    ),
    ['runs/a'],
  );
});

test('a cell that read without saying where gives what it read to all that it makes', () => {
  assert.deepEqual(behind(['const a = lib.readRuns();\nconst b = 1;', 'runs/a'], SHOW('f', 'b')), ['runs/a']);
});

test('of several figures in a cell each names its own, also where a function shows them', () => {
  const a: [string, string] = ['const a = await yolo.runExperiment(1);\nlib.recordInput(a.path);', 'runs/a'];
  assert.deepEqual(behind(a, `${SHOW('g', 'a')}\n${SHOW('f', '1')}`), []);
  assert.deepEqual(behind(a, `const draw = async (x) => { ${SHOW('f', 'x')} };\nawait draw(a);`), ['runs/a']);
  assert.deepEqual(behind(a, 'const show = lib.showFigure;\nshow(a);'), ['runs/a']);
});

test("in a notebook of the project each figure names its runs' cells", () => {
  const path = join(__dirname, '../../../notebooks/03-frozen-backbone.ipynb');
  const { cells } = parseNotebook(readFileSync(path, 'utf8'), path);
  const code = cells.filter((cell): cell is CodeCell => cell.cell_type === 'code');
  // As if each cell that notes what it reads had read one file.
  const inputs = figureInputs(
    code.map(({ source }, k) => readStatements(source, place(k))),
    (cell) => (code[cell].source.includes('recordInput(') ? [code[cell].id] : []),
  );
  const behindLabel = (label: string) =>
    inputs(
      code.findIndex(({ source }) => source.includes(`'${label}'`)),
      label,
    );
  assert.deepEqual(behindLabel('grid-encoding'), []);
  assert.deepEqual(behindLabel('loss-sigmoid'), ['train-a']);
  assert.deepEqual(behindLabel('loss-paper'), ['train-b']);
  // Their own cells read the claim that they are held against.
  assert.deepEqual(behindLabel('ap-by-class'), ['per-class', 'train-a']);
  assert.deepEqual(behindLabel('apart'), ['apart', 'apart-figure']);
});

test('code that is nested without end stops the build with its cell', () => {
  for (const code of ['('.repeat(30_000), '1+'.repeat(30_000), '`${'.repeat(30_000)]) {
    assert.throws(
      () => behind('1', code),
      /^NotebookError: n\.ipynb, cell 2: its code is nested too deeply to be read$/,
    );
  }
});
