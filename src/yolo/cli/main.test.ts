import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

/** Runs the program from its sources, in a process of its own. */
function yolov1(
  args: readonly string[],
  variables: Record<string, string> = {},
  output: number | 'pipe' = 'pipe',
) {
  const script = `void require(${JSON.stringify(join(__dirname, 'main.ts'))}).main(${JSON.stringify(args)})`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', '-e', script], {
    encoding: 'utf8',
    stdio: ['pipe', output, 'pipe'],
    env: { ...process.env, ...variables },
  });
  return { status, stdout, stderr };
}

test('help lists the commands and succeeds', () => {
  const { status, stdout } = yolov1(['--help']);
  assert.equal(status, 0);
  for (const command of ['doctor', 'setup']) assert.match(stdout, new RegExp(`^  ${command} `, 'm'));
});

test('an unknown command suggests the nearest and fails', () => {
  const { status, stderr } = yolov1(['docter']);
  assert.equal(status, 1);
  assert.match(stderr, /unknown command 'docter'/);
  assert.match(stderr, /Did you mean doctor\?/);
});

test("a user's mistake is one line and status 1", () => {
  const { status, stdout, stderr } = yolov1(['setup', '--optional'], { YOLOV1_BACKEND: 'gpu' });
  assert.equal(status, 1);
  assert.equal(stdout, '');
  assert.equal(
    stderr,
    "yolov1: YOLOV1_BACKEND is 'gpu', expected 'tensorflow' or 'webgpu' or 'wasm'; unset it to let the program choose\n",
  );
});

test('an optional set-up leaves everything alone where wasm is forced', () => {
  const { status, stdout } = yolov1(['setup', '--optional'], {
    YOLOV1_BACKEND: 'wasm',
    YOLOV1_CACHE: '/nowhere',
  });
  assert.equal(status, 0);
  assert.equal(stdout, 'YOLOV1_BACKEND=wasm: native TensorFlow is left as it is.\n');
});

test('an option or argument that is empty, as a variable that is not set makes it, is refused', () => {
  const { status, stderr } = yolov1(['detect', 'street.jpg', '--out', '']);
  assert.deepEqual([status, stderr], [1, 'yolov1: --out is empty; give it a value or leave it out\n']);
  assert.match(yolov1(['data', 'check', '']).stderr, /^yolov1: an argument is empty; /);
});

test('an output that the disk does not take is one line and status 1', {
  skip: !existsSync('/dev/full'),
}, () => {
  const full = openSync('/dev/full', 'w');
  const { status, stderr } = yolov1(['--version'], {}, full);
  closeSync(full);
  assert.equal(status, 1);
  assert.match(stderr, /^yolov1: the output can't be written \(ENOSPC.*\); check space\n$/);
});
