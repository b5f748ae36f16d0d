import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { exitStatus, Failed, holds, isWhole, run } from './prepare.mjs';

const wanted = {
  '': { name: 'root' },
  'src/yolo': { name: 'yolov1', version: '0.1.0' },
  'node_modules/yolov1': { resolved: 'src/yolo', link: true },
  'node_modules/tsx': { version: '4.0.0' },
  'node_modules/for-another-platform': { version: '1.0.0', optional: true },
};
const installed = { 'node_modules/yolov1': { link: true }, 'node_modules/tsx': { version: '4.0.0' } };

test('packages are in place without those for other platforms', () => {
  assert.equal(holds(installed, wanted), true);
});

test('a missing package, another version and a missing workspace each ask for npm ci', () => {
  assert.equal(holds({ ...installed, 'node_modules/tsx': undefined }, wanted), false);
  assert.equal(holds({ ...installed, 'node_modules/tsx': { version: '3.9.9' } }, wanted), false);
  assert.equal(holds({ ...installed, 'node_modules/yolov1': undefined }, wanted), false);
  assert.equal(
    holds({ ...installed, 'node_modules/for-another-platform': { version: '0.9.0' } }, wanted),
    false,
  );
});

test("a program's exit status, signal and lines are passed on", async () => {
  const lines = [];
  const script = 'console.log("a"); console.log("b"); process.exit(Number(process.env.STATUS))';
  const status = await exitStatus(process.execPath, ['-e', script], { STATUS: '3' }, (line) =>
    lines.push(line),
  );
  assert.equal(status, 3);
  assert.deepEqual(lines, ['a', 'b']);
  assert.equal(await exitStatus(process.execPath, ['-e', 'process.kill(process.pid, "SIGTERM")']), 143);
});

test('a program that fails ends the script with its status', async () => {
  await assert.rejects(run(process.execPath, ['-e', 'process.exit(2)']), (error) => {
    assert.ok(error instanceof Failed);
    assert.equal(error.status, 2);
    return true;
  });
});

test('a build from which a file is gone is not whole, nor is one with a damaged note', () => {
  const dist = mkdtempSync(join(tmpdir(), 'prepare-'));
  try {
    assert.equal(isWhole(dist), true, 'nothing was built');
    const fileNames = [
      '../../../node_modules/typescript/lib/lib.es5.d.ts',
      '../index.ts',
      '../core/errors.ts',
    ];
    writeFileSync(join(dist, '.tsbuildinfo'), JSON.stringify({ fileNames }));
    mkdirSync(join(dist, 'core'));
    for (const name of ['index', 'core/errors']) {
      for (const ending of ['.js', '.d.ts']) writeFileSync(join(dist, name + ending), '');
    }
    assert.equal(isWhole(dist), true);
    rmSync(join(dist, 'core', 'errors.js'));
    assert.equal(isWhole(dist), false);
    writeFileSync(join(dist, '.tsbuildinfo'), '{');
    assert.equal(isWhole(dist), false);
  } finally {
    rmSync(dist, { recursive: true });
  }
});

test('the program builds what is gone of it where its sources are, and else says what to do', () => {
  const folder = mkdtempSync(join(tmpdir(), 'prepare-'));
  const inPackage = (...parts) => join(folder, 'src', 'yolo', ...parts);
  const start = () =>
    spawnSync(process.execPath, [inPackage('bin', 'yolov1.js'), 'doctor'], { encoding: 'utf8' });
  try {
    for (const path of [inPackage('bin'), inPackage('dist', 'cli'), join(folder, 'scripts')]) {
      mkdirSync(path, { recursive: true });
    }
    copyFileSync(
      fileURLToPath(new URL('../src/yolo/bin/yolov1.js', import.meta.url)),
      inPackage('bin', 'yolov1.js'),
    );
    writeFileSync(
      inPackage('dist', 'cli', 'main.js'),
      "require('../gone'); exports.main = (args) => console.log(args);",
    );
    // Stands for the compiler.
    writeFileSync(
      join(folder, 'scripts', 'build.mjs'),
      `import { writeFileSync } from 'node:fs';
       writeFileSync(${JSON.stringify(inPackage('dist', 'gone.js'))}, '');
       console.log('built');`,
    );
    const installed = start();
    assert.equal(installed.status, 1);
    assert.equal(installed.stderr, 'yolov1: files of its build are missing; install the package again\n');
    writeFileSync(inPackage('tsconfig.json'), '{}');
    const { stdout, stderr } = start();
    assert.equal(stdout, "[ 'doctor' ]\n", stderr);
    assert.equal(stderr, 'yolov1: files of its build are missing; building them\nbuilt\n');
    assert.equal(start().stderr, '');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
