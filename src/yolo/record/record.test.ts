import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { UserError } from '../core/errors';
import { configDifferences, readRunRecord, readRunRecords, recordedDetections } from './index';
import { runKey } from './runKey';

const ROOT = join(__dirname, '..', '..', '..');
const STORED = join(ROOT, 'report', 'runs');
const NAME = '00-whole-mini';

let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'record-'));
});
after(() => rm(folder, { recursive: true }));

/** A copy of a stored record under a name. */
function copyTo(name: string): string {
  const path = join(folder, name);
  rmSync(path, { recursive: true, force: true });
  cpSync(join(STORED, NAME), path, { recursive: true });
  return path;
}

test('every stored record is as it was written, under its name and its key', async () => {
  const { results, damaged } = await readRunRecords(STORED);
  assert.deepEqual(damaged, []);
  assert.equal(results.length, readdirSync(STORED).length);
  for (const { record } of results) {
    assert.equal(record.key, runKey(record.config, record.data, record.weights), record.name);
  }
});

test('an altered byte in any file of a record is an error with its name', async () => {
  for (const file of readdirSync(join(STORED, NAME))) {
    const path = copyTo(NAME);
    const text = readFileSync(join(path, file), 'utf8');
    const digit = text.search(/\d(?=\D*$)/);
    const other = text[digit] === '1' ? '2' : '1';
    writeFileSync(join(path, file), text.slice(0, digit) + other + text.slice(digit + 1));
    const { results, damaged } = await readRunRecords(folder);
    assert.equal(results.length, 0, file);
    assert.match(
      damaged[0],
      new RegExp(`${NAME}: damaged run record \\(its files are not as they were`),
      file,
    );
  }
  rmSync(join(folder, NAME), { recursive: true });
});

test('a record that is a link to a folder elsewhere is one of the records', async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), 'record-elsewhere-'));
  cpSync(join(STORED, NAME), join(elsewhere, NAME), { recursive: true });
  symlinkSync(join(elsewhere, NAME), join(folder, NAME));
  symlinkSync(join(elsewhere, 'gone'), join(folder, 'gone'));
  const { results, damaged } = await readRunRecords(folder);
  assert.deepEqual([results.map(({ record }) => record.name), damaged], [[NAME], []]);
  for (const name of [NAME, 'gone']) rmSync(join(folder, name));
  await rm(elsewhere, { recursive: true });
});

test("another run's record, one of another form and a folder that is none are errors with their names", async () => {
  copyTo('mine');
  await assert.rejects(
    readRunRecord(join(folder, 'mine')),
    (error) =>
      error instanceof UserError &&
      /mine: the run record of '00-whole-mini', not of 'mine'; give the folder back its name/.test(
        error.message,
      ),
  );
  rmSync(join(folder, 'mine'), { recursive: true });
  const path = copyTo(NAME);
  const record = JSON.parse(readFileSync(join(path, 'record.json'), 'utf8'));
  const refused: [object | null, RegExp][] = [
    [{ ...record, format: 2 }, /format 2, expected 1/],
    [null, /format undefined, expected 1/],
    [{ ...record, seconds: '3' }, /seconds is '3', expected a number in record\.json/],
    [{ ...record, started: 'yesterday' }, /started is 'yesterday', expected a date in ISO 8601/],
    [{ ...record, data: { ...record.data, train: {} } }, /'data\.train\.parts' is missing in record\.json/],
  ];
  for (const [value, message] of refused) {
    writeFileSync(join(path, 'record.json'), JSON.stringify(value));
    await assert.rejects(readRunRecord(path), message);
  }
  rmSync(path, { recursive: true });
  // An empty folder counts as none.
  mkdirSync(join(folder, 'none'));
  assert.deepEqual(await readRunRecords(folder), { results: [], damaged: [] });
  writeFileSync(join(folder, 'none', 'notes.txt'), '');
  assert.match((await readRunRecords(folder)).damaged[0], /none.record\.json: cannot read run record/);
  rmSync(join(folder, 'none'), { recursive: true });
  await assert.rejects(readRunRecords(join(folder, 'nowhere')), /nowhere: cannot read run records/);
});

test('recorded detections have the names of their classes, the most confident first', async () => {
  const run = (await readRunRecords(STORED)).results.find(({ evaluation }) =>
    evaluation.final.detections?.some(({ detections }) => detections.length > 0),
  )!;
  const pictures = recordedDetections(run);
  const kept = run.evaluation.final.detections!;
  assert.deepEqual(
    [...pictures.keys()],
    kept.map(({ key }) => key),
  );
  for (const boxes of pictures.values()) {
    assert.deepEqual(
      boxes,
      boxes.toSorted((a, b) => b.score - a.score),
    );
    for (const { name } of boxes)
      assert.ok(run.evaluation.final.pooled.classes.some((one) => one.name === name));
  }
  const { final } = run.evaluation;
  const changed = (detections: typeof kept | undefined) =>
    recordedDetections({ ...run, evaluation: { ...run.evaluation, final: { ...final, detections } } });
  assert.throws(() => changed(undefined), /evaluation\.json: keeps no detections/);
  const [{ key, detections }] = kept.filter((one) => one.detections.length > 0);
  const wrong = [{ key, detections: [{ ...detections[0], classIndex: 99 }] }];
  assert.throws(() => changed(wrong), new RegExp(`a detection of '${key}' is no box of a class`));
});

test('configurations differ in the fields whose values are not the same, nested ones by their path', () => {
  const differences = configDifferences([
    { epochs: 2, model: { inputSize: 448, head: 'a' }, clipNorm: null, list: [1, 2] },
    { epochs: 2, model: { inputSize: 224, head: 'a' }, emaDecay: 0.9, list: [1] },
  ]);
  assert.deepEqual(differences, [
    { field: 'emaDecay', values: [undefined, 0.9] },
    { field: 'list', values: [[1, 2], [1]] },
    { field: 'model.inputSize', values: [448, 224] },
  ]);
});

/** Prints the modules that importing the subpath loads, where TensorFlow is among them. */
const WITHOUT = `if (typeof readRunRecord !== 'function') throw new Error('no readRunRecord');
const loaded = Object.keys(require.cache).filter((file) => file.includes('tensorflow'));
if (loaded.length > 0) throw new Error(loaded.join());`;

test('yolov1/record is found as an ES module and as CommonJS, and loads no TensorFlow', async () => {
  const run = (...args: string[]) => promisify(execFile)(process.execPath, args, { cwd: ROOT });
  await run('--eval', `const { readRunRecord } = require('yolov1/record');\n${WITHOUT}`);
  const module = `import { readRunRecord } from 'yolov1/record';
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
${WITHOUT}`;
  await run('--input-type=module', '--eval', module);
});

test("its types are found by tslab's TypeScript, which knows no exports, and by ours", async () => {
  writeFileSync(
    join(folder, 'use.ts'),
    "import { type ExperimentResult, readRunRecord } from 'yolov1/record';\n" +
      "export const run: Promise<ExperimentResult> = readRunRecord('x');\n" +
      "// @ts-expect-error\nexport const wrong: number = readRunRecord('x');\n",
  );
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(join(ROOT, 'src', 'yolo'), join(folder, 'node_modules', 'yolov1'));
  for (const [compiler, module, moduleResolution] of [
    ['@tslab/typescript-for-tslab', 'commonjs', 'node10'],
    ['typescript', 'node16', 'node16'],
  ]) {
    const compilerOptions = { strict: true, noEmit: true, target: 'ES2022', types: [], skipLibCheck: true };
    const config = { compilerOptions: { ...compilerOptions, module, moduleResolution }, files: ['use.ts'] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const tsc = join(ROOT, 'node_modules', compiler, 'lib', 'tsc.js');
    const { stdout } = await promisify(execFile)(process.execPath, [tsc, '-p', folder]).catch(
      (error) => error,
    );
    assert.equal(stdout, '', compiler);
  }
});
