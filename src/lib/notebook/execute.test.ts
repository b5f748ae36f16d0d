import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { NotebookError } from '../errors';
import { executeNotebook } from './execute';
import type { Progress } from './executeCells';
import { readNotebook, writeNotebook } from './file';
import { codeCells, type Notebook } from './format';
import { isStale } from './freshness';

let folder: string;
let temporary: string;
before(() => {
  // Beside the sources, so that cells find the packages of this workspace.
  folder = mkdtempSync(join(__dirname, 'execute-test-'));
  // Kernels of other tests run at the same time and leave nothing here.
  temporary = mkdtempSync(join(tmpdir(), 'execute-test-'));
  process.env.TMPDIR = temporary;
});
after(() => {
  rmSync(folder, { recursive: true });
  rmSync(temporary, { recursive: true });
});

/** Writes a notebook with a cell of prose, then these code cells, and returns its path. */
async function notebook(
  name: string,
  cells: string[],
  metadata: Record<string, unknown> = {},
): Promise<string> {
  const file = join(folder, name);
  const code = cells.map((source, index): Notebook['cells'][number] => ({
    cell_type: 'code',
    id: `code-${index + 1}`,
    metadata: { execution: { 'iopub.execute_input': '2020-01-01' }, tags: ['kept'] },
    source,
    execution_count: 99,
    outputs: [{ output_type: 'stream', name: 'stdout', text: 'old\n' }],
  }));
  const prose = { cell_type: 'markdown', id: 'prose', metadata: {}, source: 'Text.' } as const;
  await writeNotebook(file, { cells: [prose, ...code], metadata, nbformat: 4, nbformat_minor: 5 });
  return file;
}

test('executing stores what the cells print and show, once and in its final state, and all it depends on', async () => {
  const file = await notebook('good.ipynb', [
    "import { recordInput } from 'yolov1-lib/dist/notebook/inputs';\nrecordInput('record.json');",
    "import { display, liveDisplay } from 'yolov1-lib/dist/notebook/display';\nconst live = liveDisplay();\nlive.text('0 %');",
    "live.text('100 %');\ndisplay.svg('<svg/>');\nprocess.stdout.write('1\\r2\\r3\\n');",
    ' ',
    "setTimeout(() => console.log('late'), 0);\nconst last: number = await Promise.resolve(7);\nlast",
  ]);
  writeFileSync(join(folder, 'record.json'), '{}');
  const progress: Progress[] = [];
  await executeNotebook(file, { onProgress: (step) => progress.push(step) });

  const stored = readNotebook(file);
  const shown = (data: Record<string, unknown>) => ({ output_type: 'display_data', data, metadata: {} });
  const printed = (text: string) => ({ output_type: 'stream', name: 'stdout', text });
  assert.deepEqual(
    codeCells(stored).map((cell) => cell.outputs),
    [
      [],
      [shown({ 'text/plain': '100 %' })],
      [shown({ 'image/svg+xml': '<svg/>' }), printed('3\ntrue\n')],
      [],
      [printed('7\nlate\n')],
    ],
  );
  assert.deepEqual(
    codeCells(stored).map((cell) => cell.execution_count),
    [1, 2, 3, null, 4],
  );
  assert.deepEqual(stored.cells[1]?.metadata, { tags: ['kept'] });
  assert.deepEqual(stored.metadata.kernelspec, {
    display_name: 'TypeScript',
    language: 'typescript',
    name: 'tslab',
  });
  assert.deepEqual(
    progress
      .filter((step) => step.state !== 'text')
      .map((step) => `${step.state} ${step.cell}/${step.cells}`),
    [
      'started 1/5',
      'done 1/5',
      'started 2/5',
      'done 2/5',
      'started 3/5',
      'done 3/5',
      'started 5/5',
      'done 5/5',
    ],
  );

  assert.deepEqual(isStale(file), []);
  writeFileSync(join(folder, 'record.json'), '{"changed": true}');
  assert.match(isStale(file).join(), /record\.json changed$/);

  const first = readFileSync(file, 'utf8');
  writeFileSync(join(folder, 'record.json'), '{}');
  await executeNotebook(file);
  assert.equal(readFileSync(file, 'utf8'), first);
  assert.deepEqual(readdirSync(temporary), []);
});

describe('a notebook that fails is left as it was; the error names it, the cell and the reason:', () => {
  const FAILING: [string, string[], RegExp][] = [
    [
      'an exception',
      ['1', "throw new RangeError('too far');"],
      /: cell 2 of 2 \(id code-2\) failed: RangeError: too far$/,
    ],
    [
      'a wrong type',
      ["const a: number = 'x';"],
      /: cell 1 of 1 \(id code-1\) failed: 1:7 - Type 'string' is not/,
    ],
    [
      'a dead kernel',
      ['1', '2', "process.kill(process.pid, 'SIGKILL');"],
      /: cell 3 of 3 \(id code-3\): the kernel died: killed by SIGKILL$/,
    ],
    [
      'a forgotten await',
      ["Promise.reject(new Error('nobody')); 1"],
      /\(id code-1\) or one before it left an error that nothing caught \(an `await` missing\?\): Error: nobody$/,
    ],
  ];
  for (const [name, cells, message] of FAILING) {
    test(name, async () => {
      const file = await notebook('bad.ipynb', cells);
      const before = readFileSync(file, 'utf8');
      await assert.rejects(executeNotebook(file), (error: unknown) => {
        assert.ok(error instanceof NotebookError);
        assert.ok(error.message.startsWith(file), error.message);
        assert.match(error.message, message);
        return true;
      });
      assert.equal(readFileSync(file, 'utf8'), before);
      assert.deepEqual(readdirSync(temporary), []);
    });
  }
});

test('a notebook of another kernel is refused', async () => {
  const file = await notebook('python.ipynb', ['1'], { kernelspec: { name: 'python3' } });
  await assert.rejects(executeNotebook(file), /python\.ipynb: is for the kernel "python3", expected "tslab"/);
});

test('what someone else saved meanwhile is not overwritten', async () => {
  const file = await notebook('edited.ipynb', ['1']);
  const other = readFileSync(file, 'utf8').replace('Text.', 'Edited.');
  const onProgress = ({ state }: Progress) => {
    if (state === 'started') writeFileSync(file, other);
  };
  await assert.rejects(
    executeNotebook(file, { onProgress }),
    /was changed while it was executed; nothing was written/,
  );
  assert.equal(readFileSync(file, 'utf8'), other);
});

test('what each cell read is stored by the cell that read it, whichever one wrote how', async () => {
  const file = await notebook('reads.ipynb', [
    "import { recordInput } from 'yolov1-lib/dist/notebook/inputs';\nconst read = (name: string) => recordInput(name);",
    "read('b.json');\nread('a.json');\nread('a.json');",
    '1 + 1',
    "await new Promise((resolve) => setTimeout(resolve, 10));\nread('a.json');\nread('/etc/hosts');",
  ]);
  const { metadata } = await executeNotebook(file);
  assert.deepEqual((metadata.yolov1 as { cellInputs: unknown }).cellInputs, {
    'code-2': ['a.json', 'b.json'],
    'code-4': ['a.json'],
  });
});

test('the executed notebook can be written elsewhere, with variables set for its cells', async () => {
  const file = await notebook('profile.ipynb', ['console.log(process.env.PROFILE);']);
  const before = readFileSync(file, 'utf8');
  mkdirSync(join(folder, 'out'));
  const output = join(folder, 'out', 'profile.ipynb');
  await executeNotebook(file, { env: { PROFILE: 'smoke' }, output });
  assert.equal(readFileSync(file, 'utf8'), before);
  assert.deepEqual(codeCells(readNotebook(output))[0]?.outputs, [
    { output_type: 'stream', name: 'stdout', text: 'smoke\n' },
  ]);
});
