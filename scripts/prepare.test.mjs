import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exitStatus, Failed, holds, run } from './prepare.mjs';

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
