import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { NotebookError } from '../errors';
import { readNotebook } from './file';
import { formatNotebook } from './format';
import { parseNotebook } from './parse';

const fixture = readFileSync(join(__dirname, 'fixtures', 'nbformat.ipynb'), 'utf8');

const code = {
  cell_type: 'code',
  id: 'a',
  metadata: {},
  source: '',
  execution_count: null,
  outputs: [] as unknown[],
};
const prose = { cell_type: 'markdown', id: 'b', metadata: {}, source: 'x' };
const notebook = (...cells: unknown[]) => ({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 });
const withOutput = (output: unknown) => notebook({ ...code, outputs: [output] });
const read = (value: unknown) => parseNotebook(JSON.stringify(value), 'n.ipynb');

function without(object: Record<string, unknown>, key: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
}

const BROKEN: [string, unknown, RegExp][] = [
  ['a list', [], /^n\.ipynb: is a list, expected a notebook's JSON object/],
  ['an old notebook', { ...notebook(), nbformat: 3 }, /^n\.ipynb: has nbformat 3, expected 4/],
  ['no version', without(notebook(), 'nbformat'), /has nbformat undefined, expected 4/],
  ['no cells', without(notebook(), 'cells'), /^n\.ipynb: has no 'cells', expected a list/],
  ['no metadata', without(notebook(), 'metadata'), /^n\.ipynb: has no 'metadata', expected an object/],
  ['a cell that is text', notebook(prose, 'x'), /its 2nd cell is a string, expected an object/],
  [
    'no source',
    notebook(without(prose, 'source')),
    /its 1st cell has no 'source', expected a string or a list/,
  ],
  ['no id', notebook(without(prose, 'id')), /its 1st cell has no 'id', expected a string/],
  ['a bad id', notebook({ ...prose, id: '<b>' }), /its 1st cell has the id "<b>", expected 1 to 64 letters/],
  ['two cells of one id', notebook(code, prose, code), /two cells with the id 'a' \(the 1st and the 3rd\)/],
  [
    'an unknown cell',
    notebook({ ...prose, cell_type: 'x' }),
    /1st cell has the cell_type "x", expected code/,
  ],
  ['no outputs', notebook(without(code, 'outputs')), /its 1st cell has no 'outputs', expected a list/],
  [
    'a bad count',
    notebook({ ...code, execution_count: '1' }),
    /execution_count a string, expected a number or null/,
  ],
  ['a bad output', withOutput(7), /its 1st output of the 1st cell is a number, expected an object/],
  ['an unknown output', withOutput({ output_type: 'x' }), /has the output_type "x", expected stream/],
  [
    'no text',
    withOutput({ output_type: 'stream', name: 'stdout' }),
    /has no 'text', expected a string or a list/,
  ],
  [
    'a bad stream',
    withOutput({ output_type: 'stream', name: 'x', text: '' }),
    /name 'x', expected stdout or stderr/,
  ],
  ['no data', withOutput({ output_type: 'display_data', metadata: {} }), /has no 'data', expected an object/],
];

for (const [name, value, message] of BROKEN) {
  test(`a notebook with ${name} is refused in one line that says so`, () => {
    assert.throws(
      () => read(value),
      (error: unknown) => {
        assert.ok(error instanceof NotebookError);
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /\n/);
        return true;
      },
    );
  });
}

test('text that is no JSON, or cut, is refused', () => {
  assert.throws(() => parseNotebook('', 'n.ipynb'), /n\.ipynb: is not valid JSON/);
  assert.throws(() => parseNotebook(fixture.slice(0, -20), 'n.ipynb'), /n\.ipynb: is not valid JSON/);
});

test('a traceback that holds more than text is refused', () => {
  const error = { output_type: 'error', ename: 'E', evalue: 'e', traceback: ['a line', { toString: '' }] };
  assert.throws(() => read(withOutput(error)), /has a list for 'traceback', expected a list of strings/);
});

test('whatever a part is replaced by, reading gives a notebook that can be written or a NotebookError', () => {
  const paths = allPaths(JSON.parse(fixture));
  fc.assert(
    fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, value) => {
      const mutated = JSON.parse(fixture);
      let at = mutated;
      for (const key of path.slice(0, -1)) at = at[key];
      at[path.at(-1)!] = value;
      try {
        formatNotebook(parseNotebook(JSON.stringify(mutated), 'n.ipynb'));
      } catch (error) {
        assert.ok(error instanceof NotebookError, String((error as Error).stack));
      }
    }),
    { numRuns: 1000 },
  );
});

test('an older notebook gets ids, the same ones each time', () => {
  const old = { ...notebook(without(code, 'id'), without(prose, 'id')), nbformat_minor: 4 };
  const ids = read(old).cells.map((cell) => cell.id);
  assert.deepEqual(
    ids,
    read(old).cells.map((cell) => cell.id),
  );
  assert.equal(new Set(ids).size, 2);
  assert.equal(read(old).nbformat_minor, 5);
});

test('scripts in outputs and names that JavaScript knows stay plain data', () => {
  const html = '<script>alert(1)</script>';
  const text = JSON.stringify(
    withOutput({ output_type: 'display_data', data: { 'text/html': html }, metadata: {} }),
  );
  const evil = text.replace('"metadata":{}', '"metadata":{"__proto__":{"polluted":1},"constructor":2}');
  const parsed = parseNotebook(evil, 'n.ipynb');
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
  assert.match(formatNotebook(parsed), /"__proto__": \{\n/);
  assert.match(formatNotebook(parsed), /<script>alert\(1\)<\/script>/);
});

test('outputs of 50 MB are refused, and left out unread when the notebook is about to be executed', () => {
  const large = JSON.stringify(withOutput({ output_type: 'stream', name: 'stdout', text: 'x'.repeat(50e6) }));
  assert.throws(
    () => parseNotebook(large, 'n.ipynb'),
    /1st cell has 50 MB of output, expected at most 12 MB/,
  );
  assert.equal(parseNotebook(large, 'n.ipynb', { withoutOutputs: true }).cells.length, 1);
});

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'parse-test-'));
});
after(() => rmSync(folder, { recursive: true }));

test('a file that is missing, a folder, nested 100 000 deep or larger than 200 MB is refused', () => {
  assert.throws(
    () => readNotebook(join(folder, 'no.ipynb')),
    /no\.ipynb: there is no such file; give the path/,
  );
  assert.throws(() => readNotebook(folder), NotebookError);
  const deep = join(folder, 'deep.ipynb');
  const output = '{"output_type":"display_data","metadata":{},"data":{"application/json":DEEP}}';
  const nested = '['.repeat(100_000) + ']'.repeat(100_000);
  writeFileSync(deep, JSON.stringify(withOutput('OUT')).replace('"OUT"', output.replace('DEEP', nested)));
  assert.throws(() => readNotebook(deep), /deep\.ipynb: is nested too deeply/);
  const huge = join(folder, 'huge.ipynb');
  writeFileSync(huge, '');
  truncateSync(huge, 201e6);
  assert.throws(() => readNotebook(huge), /huge\.ipynb: is 201 MB, expected at most 200 MB/);
});

/** Paths to all parts of a JSON value but the whole. */
function allPaths(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const below = entries.flatMap(([key, part]) => allPaths(part, [...path, key]));
  return path.length === 0 ? below : [path, ...below];
}
