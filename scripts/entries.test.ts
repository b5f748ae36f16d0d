// The library's entry points as programs of every kind see them: ES modules, CommonJS, a tslab notebook, TypeScript.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { executeNotebook } from '../src/lib/notebook/execute';
import { notebookOf } from './fixtures/notebookOf';

const ROOT = join(__dirname, '..');
const LIBRARY = join(ROOT, 'src', 'yolo');
const { exports: entries } = JSON.parse(readFileSync(join(LIBRARY, 'package.json'), 'utf8'));
/** `yolov1`, `yolov1/eval` and so on. */
const SPECIFIERS = Object.keys(entries)
  .filter((entry) => entry !== './package.json')
  .map((entry) => entry.replace('.', 'yolov1'));
/** `import * as m0 from 'yolov1';` and so on. */
const IMPORTS = SPECIFIERS.map((specifier, index) => `import * as m${index} from '${specifier}';`);
const COUNTS = `console.log([${SPECIFIERS.map((_, index) => `Object.keys(m${index}).length`)}].join());`;

let folder: string;
let expected: string;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'entries-'));
  mkdirSync(join(folder, 'node_modules', '@types'), { recursive: true });
  symlinkSync(LIBRARY, join(folder, 'node_modules', 'yolov1'));
  for (const name of ['node', 'long']) {
    symlinkSync(join(ROOT, 'node_modules', '@types', name), join(folder, 'node_modules', '@types', name));
  }
  const modules = SPECIFIERS.map((specifier) => require(specifier) as object);
  expected = modules.map((module) => Object.keys(module).length).join();
});
after(() => rmSync(folder, { recursive: true }));

function node(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  assert.equal(status, 0, `node ${args.join(' ')}\n${stdout}\n${stderr}`);
  return stdout;
}

test('an ES module sees every name of every entry point', () => {
  // A CommonJS module has these besides its own names.
  const counts = COUNTS.replaceAll(
    /Object\.keys\((m\d+)\)/g,
    "Object.keys($1).filter((name) => !['__esModule', 'default', 'module.exports'].includes(name))",
  );
  writeFileSync(join(folder, 'program.mjs'), [...IMPORTS, counts].join('\n'));
  assert.equal(node('program.mjs'), `${expected}\n`);
});

test('so does a CommonJS module', () => {
  const requires = SPECIFIERS.map((specifier, index) => `const m${index} = require('${specifier}');`);
  writeFileSync(join(folder, 'program.cjs'), [...requires, COUNTS].join('\n'));
  assert.equal(node('program.cjs'), `${expected}\n`);
});

test('so does a cell of a notebook', async () => {
  const file = join(folder, 'notebook.ipynb');
  writeFileSync(file, JSON.stringify(notebookOf([...IMPORTS, COUNTS].join('\n'))));
  await executeNotebook(file);
  const { cells } = JSON.parse(readFileSync(file, 'utf8'));
  assert.equal(cells[0].outputs.flatMap(({ text }: { text: string[] }) => text).join(''), `${expected}\n`);
});

test("strict TypeScript that checks every declaration finds no fault in the library's own", () => {
  writeFileSync(join(folder, 'program.mts'), [...IMPORTS, COUNTS].join('\n'));
  const tsc = join(ROOT, 'node_modules', 'typescript', 'lib', 'tsc.js');
  const options = '--strict --noEmit --target es2022 --module node16 --types node,long'.split(' ');
  const { stdout } = spawnSync(process.execPath, [tsc, ...options, 'program.mts'], {
    cwd: folder,
    encoding: 'utf8',
  });
  // The declarations of @tensorflow/tfjs-layers contradict each other under --strict, which only skipLibCheck hides.
  const faults = stdout.split('\n').filter((line) => /^\S.*: error TS/.test(line));
  assert.deepEqual(
    faults.filter((line) => !line.includes('/@tensorflow/tfjs-layers/')),
    [],
  );
});
