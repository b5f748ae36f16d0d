import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Execution } from './execution';
import { Kernel } from './kernel';
import type { DisplayOutput } from './outputs';

let folder: string;
let temporary: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'kernel-test-'));
  // Kernels of other tests run at the same time and leave nothing here.
  temporary = mkdtempSync(join(tmpdir(), 'kernel-test-'));
  process.env.TMPDIR = temporary;
});
after(() => {
  rmSync(folder, { recursive: true });
  rmSync(temporary, { recursive: true });
});

describe('a running kernel', () => {
  let kernel: Kernel;
  before(async () => {
    kernel = await Kernel.start({ cwd: folder, env: { GREETING: 'hello' } });
  });
  after(() => kernel.shutdown());

  test('says which language it speaks and answers its heartbeat', async () => {
    assert.equal(kernel.languageInfo.name, 'typescript');
    assert.equal(await kernel.responsive(), true);
  });

  test('keeps values from cell to cell, waits for top-level await and prints the last value', async () => {
    const first = await kernel.execute('const sum: number = await Promise.resolve(1 + 1);');
    const second = await kernel.execute('sum + 1');
    assert.deepEqual([first.error, first.outputs()], ['', []]);
    assert.deepEqual(second.outputs(), [{ output_type: 'stream', name: 'stdout', text: '3\n' }]);
    assert.equal(second.executionCount, 2);
  });

  test('works in its folder, with the variables it was given', async () => {
    const { outputs } = await kernel.execute('console.log(process.env.GREETING, process.cwd());');
    assert.deepEqual(outputs(), [{ output_type: 'stream', name: 'stdout', text: `hello ${folder}\n` }]);
  });

  test('loses nothing of 20 000 lines printed without a pause', async () => {
    const { outputs } = await kernel.execute('for (let i = 0; i < 20000; i++) console.log(i);');
    const expected = Array.from({ length: 20000 }, (_, i) => `${i}\n`).join('');
    assert.deepEqual(outputs(), [{ output_type: 'stream', name: 'stdout', text: expected }]);
  });

  test('keeps what a cell prints after its end, and updates a display from a later cell', async () => {
    const early = await kernel.execute(
      `import { newDisplay } from 'tslab';
       const shown = newDisplay();
       shown.html('1');
       const timer = setTimeout(() => console.log('late'), 100);`,
    );
    assert.equal(early.outputs().length, 1);
    await delay(200);
    await kernel.settle();
    assert.equal(early.outputs().length, 2);
    await kernel.execute("shown.html('2');");
    const [display, late] = early.outputs();
    assert.deepEqual((display as DisplayOutput).data, { 'text/html': '2' });
    assert.deepEqual(late, { output_type: 'stream', name: 'stdout', text: 'late\n' });
  });

  test('tells an exception from what the cell wrote to stderr before, and takes the next cell at once', async () => {
    const { error, outputs } = await kernel.execute(
      "console.error('warning'); throw new RangeError('too far');",
    );
    assert.match(error, /RangeError: too far/);
    assert.doesNotMatch(error, /warning/);
    assert.equal(outputs().length, 1);
    assert.deepEqual((await kernel.execute('1')).error, '');
  });

  test('gives all complaints of the compiler with line and column', async () => {
    const { error } = await kernel.execute("const a: number = 'x';\nconst b: string = 1;");
    assert.equal(
      error,
      "1:7 - Type 'string' is not assignable to type 'number'.\n2:7 - Type 'number' is not assignable to type 'string'.",
    );
  });

  test('can be interrupted, awaiting or computing', async () => {
    const waiting = await started(kernel, 'await new Promise(() => {});');
    assert.equal(await kernel.responsive(5000), true);
    assert.equal(await kernel.interrupt(), true);
    assert.match((await waiting.execution).error, /interrupted/i);
    const busy = await started(kernel, 'for (;;) {}');
    assert.equal(await kernel.responsive(200), false);
    assert.equal(await kernel.interrupt(), true);
    assert.match((await busy.execution).error, /interrupted by `SIGINT`/);
  });

  test('interrupts a cell that takes too long or prints too much, and goes on', async () => {
    await assert.rejects(kernel.execute('for (;;) {}', { timeout: 300 }), {
      name: 'NotebookError',
      message: 'took longer than 0.3 s and was interrupted',
    });
    await assert.rejects(
      kernel.execute("for (;;) console.log('x'.repeat(1000));", { outputLimit: 500_000 }),
      {
        name: 'NotebookError',
        message: 'printed more than 0.5 MB and was interrupted',
      },
    );
    assert.equal((await kernel.execute('1')).error, '');
  });

  test('restarts without its values', async () => {
    await kernel.execute('const before = 1;');
    const old = kernel.pid!;
    await kernel.restart();
    assert.equal(groupAlive(old), false);
    assert.match((await kernel.execute('before')).error, /Cannot find name 'before'/);
  });

  test('that dies in a cell is an error with its last words, and leaves no process or file', async () => {
    const before = socketFolders();
    const dying = `
      import { spawn } from 'child_process';
      import { writeSync } from 'fs';
      spawn('sleep', ['1000']);
      writeSync(2, 'out of luck\\n');
      process.kill(process.pid, 'SIGKILL');
      for (;;) {}`;
    const group = kernel.pid!;
    await assert.rejects(
      kernel.execute(dying),
      /the kernel died: killed by SIGKILL; its last words:\nout of luck/,
    );
    await kernel.shutdown();
    await groupEnded(group);
    assert.equal(socketFolders(), before - 1);
    await assert.rejects(kernel.execute('1'), /the kernel has been shut down; start another one/);
  });
});

test('a kernel that can not start says why, with what it wrote', async () => {
  const start = Kernel.start({ cwd: folder, env: { NODE_OPTIONS: '--no-such-option' } });
  await assert.rejects(
    start,
    /^NotebookError: the kernel did not start: exit status 9; its last words:\n.*no-such-option/s,
  );
});

test('a kernel and its children end with the process that drives it, however that ends', async () => {
  const program = join(folder, 'driver.ts');
  writeFileSync(
    program,
    `import { Kernel } from ${JSON.stringify(join(__dirname, 'kernel.ts'))};
     Kernel.start({ cwd: ${JSON.stringify(folder)} }).then(async (kernel) => {
       console.log(kernel.pid);
       await kernel.execute("import { spawn } from 'child_process'; spawn('sleep', ['1000']); for (;;) {}");
     });`,
  );
  const before = socketFolders();
  for (const signal of ['SIGKILL', 'SIGINT'] as const) {
    const driver = spawn(process.execPath, ['--import', 'tsx', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const group = Number(await once(driver.stdout, 'data'));
    assert.ok(group > 0);
    assert.equal(groupAlive(group), true);
    driver.kill(signal);
    for (let i = 0; i < 50 && (groupAlive(group) || socketFolders() > before); i++) await delay(100);
    assert.equal(groupAlive(group), false, `kernel left after ${signal}`);
    assert.equal(socketFolders(), before);
  }
});

/** Executes code and returns once it has begun; the execution is wrapped, so that it is not awaited as well. */
async function started(kernel: Kernel, code: string): Promise<{ execution: Promise<Execution> }> {
  return new Promise((resolve) => {
    const execution = kernel.execute(`console.log('begun');\n${code}`, {
      onText: () => resolve({ execution }),
    });
  });
}

/** Waits for the last process of a group: one that was killed still shows for a moment on a busy machine. */
async function groupEnded(group: number): Promise<void> {
  for (let tries = 0; groupAlive(group); tries++) {
    assert.ok(tries < 100, `processes of group ${group} are still running`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Whether a process of the group runs; one that has ended and nobody waited for does not. */
function groupAlive(group: number): boolean {
  if (!existsSync('/proc/self/stat')) return signalReaches(group);
  return readdirSync('/proc').some((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const [state, , processGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(processGroup) === group && state !== 'Z';
    } catch {
      return false;
    }
  });
}

function signalReaches(group: number): boolean {
  try {
    return process.kill(-group, 0);
  } catch {
    return false;
  }
}

/** Number of folders with the sockets of a kernel. */
function socketFolders(): number {
  return readdirSync(temporary).filter((name) => name.startsWith('yolov1-kernel-')).length;
}
