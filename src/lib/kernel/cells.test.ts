import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Kernel } from './kernel';

let folder: string;
let kernel: Kernel;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cells-test-'));
  symlinkSync(join(__dirname, '..', '..', '..', 'node_modules'), join(folder, 'node_modules'));
  kernel = await Kernel.start({ cwd: folder });
});
after(async () => {
  await kernel.shutdown();
  rmSync(folder, { recursive: true });
});

/** What a cell prints; its error, if it has one. */
async function said(code: string): Promise<string> {
  const { error, outputs } = await kernel.execute(code);
  return (
    error ||
    outputs()
      .map((output) => ('text' in output ? output.text : ''))
      .join('')
  );
}

test('shorthand knows values of earlier cells, also when they have changed', async () => {
  assert.equal(await said('let size = 4;\nconst value1 = 1;'), '');
  assert.equal(await said('({ size, value1 })'), '{ size: 4, value1: 1 }\n');
  assert.equal(await said('size = 5;\n({ size })'), '{ size: 5 }\n');
});

test('a loop can await by itself', async () => {
  const loop = 'async function* two() { yield 1; yield 2; }\nfor await (const x of two()) console.log(x);';
  assert.equal(await said(loop), '1\n2\n');
});

test('import() takes modules of every kind, also those that wait for something', async () => {
  assert.equal(await said("const { View } = await import('vega');\ntypeof View"), 'function\n');
  assert.equal(await said("const { join } = await import('node:path');\njoin('a', 'b')"), 'a/b\n');
  assert.match(
    await said("import { View as V } from 'vega';\nV"),
    /\(write `await import\(\.\.\.\)` for `import \.\.\. from`/,
  );
});

test("'export' is not needed, and the complaint says so", async () => {
  assert.match(
    await said('export const shared = 5;'),
    /\(leave 'export' away: every later cell knows a cell's values\)/,
  );
});

test('a pattern within a pattern over an earlier value is explained; in two steps it works', async () => {
  assert.equal(await said('const earlier = { list: [{ pair: [1, 2] }] };'), '');
  assert.match(
    await said('const [{ pair: [a1, b1] }] = earlier.list;\na1'),
    /^SyntaxError: a pattern within a pattern .* take the value apart in two steps$/,
  );
  assert.equal(await said('const [{ pair }] = earlier.list;\nconst [a2, b2] = pair;\na2 + b2'), '3\n');
});

test('what a child process prints is seen, with whichever call it was started', async () => {
  await said("import * as children from 'node:child_process';");
  assert.match(await said("children.spawnSync('echo', ['one'], { stdio: 'inherit' }).status"), /^one\n0\n$/);
  assert.match(await said("children.execSync('echo two', { stdio: [0, 'inherit', 'pipe'] });"), /^two\n/);
  const waits =
    "await new Promise((done) => children.spawn('sh', ['-c', 'echo three'], { stdio: 'inherit' }).on('close', done));";
  assert.match(await said(waits), /^three\n/);
});

test("a reader's own mistake and an interruption are one line", async () => {
  const mistake =
    "class UserError extends Error { name = 'UserError'; }\nthrow new UserError('no such list; name another');";
  assert.equal(await said(mistake), 'UserError: no such list; name another');
  let ended: Promise<string> | undefined;
  await new Promise<void>((resolve) => {
    const execution = kernel.execute("console.log('begun');\nawait new Promise(() => {});", {
      onText: () => resolve(),
    });
    ended = execution.then(({ error }) => error);
  });
  await kernel.interrupt();
  // The second where the signal comes before the cell has begun to wait.
  assert.match((await ended)!, /^(Interrupted asynchronously|Script execution was interrupted by `SIGINT`)$/);
});
