import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { NotebookError } from '../errors';

/** The channels that tslab binds, in the order of the connection file's port numbers. */
const CHANNELS = ['shell', 'iopub', 'stdin', 'control', 'hb'] as const;
export type Channel = (typeof CHANNELS)[number];

/** Longest path of a Unix socket, in bytes (macOS: 104 with the closing zero), less the socket's own name. */
const LONGEST_FOLDER = 96;

/** Starts tslab. Found by this package's own name, because it is not compiled into `dist`. */
const LAUNCHER = createRequire(__filename).resolve('yolov1-lib/kernel/tslab.cjs');

/** How much of the kernel's own stderr is kept for error messages, in characters. */
const TAIL = 4000;

/** How long a kernel that was asked to leave may take, in milliseconds, before it is killed. */
const GRACE = 1000;

/** How long to wait for the end of a dead kernel's stderr, in milliseconds. */
const PIPE_GRACE = 100;

/**
 * Waits for its standard input to close, which happens when this process ends in whatever way, then ends the
 * kernel's process group and removes its folder. So no handler for signals or crashes is needed.
 */
const GUARD = 'read -r _; kill -s KILL -- "-$1"; rm -rf -- "$2"';

/**
 * A tslab process, in a process group of its own, that listens on Unix sockets in a private folder. Neither it
 * nor its children outlive this process.
 */
export class KernelProcess {
  /** Key that signs all messages. */
  readonly key = randomBytes(32).toString('hex');
  /** Resolves when the process has ended, with the words for it, such as `killed by SIGKILL`. */
  readonly ended: Promise<string>;
  private readonly folder = privateFolder();
  private readonly child: ChildProcess;
  private readonly guard: ChildProcess;
  private stderr = '';
  private running = true;

  /**
   * @param cwd - Working directory: `import` in cells is resolved from here.
   * @param environment - Variables added to, or replacing, those of this process.
   */
  constructor(cwd: string, environment: Readonly<Record<string, string>> = {}) {
    const connectionFile = join(this.folder, 'connection.json');
    writeFileSync(connectionFile, JSON.stringify(connection(this.folder, this.key)), { mode: 0o600 });
    this.child = spawn(process.execPath, [LAUNCHER, connectionFile], {
      cwd,
      // The whole environment is passed on, none of it is read here.
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.child.stdout?.resume();
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr = (this.stderr + text).slice(-TAIL);
    });
    this.ended = this.watch();
    this.guard = spawn('/bin/sh', ['-c', GUARD, 'kernel-guard', String(this.child.pid), this.folder], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    this.guard.unref();
  }

  /** Address of a channel's socket. */
  address(channel: Channel): string {
    return `ipc://${join(this.folder, 's')}:${CHANNELS.indexOf(channel) + 1}`;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get alive(): boolean {
    return this.running;
  }

  /** The end of a message: the last lines that the process itself wrote to stderr, TensorFlow's or Node's. */
  get lastWords(): string {
    const tail = this.stderr.trim().split('\n').slice(-12).join('\n');
    return tail ? `; its last words:\n${tail}` : '';
  }

  /** Sends SIGINT to the kernel and its children, as Jupyter does. */
  interrupt(): void {
    this.signal('SIGINT');
  }

  /** Waits a moment for a process that was asked to leave, then makes sure that it and its children are gone. */
  async end(): Promise<void> {
    const timer = new AbortController();
    const tired = setTimeout(GRACE, undefined, { signal: timer.signal }).catch(() => {});
    await Promise.race([this.ended, tired]);
    timer.abort();
    await this.kill();
  }

  /** Ends the process and its children at once. */
  async kill(): Promise<void> {
    // Also where the kernel itself is gone: it may have left children in its group.
    this.signal('SIGKILL');
    await this.ended;
    this.guard.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async watch(): Promise<string> {
    try {
      const [code, signal] = (await once(this.child, 'exit')) as [number | null, NodeJS.Signals | null];
      // What it wrote last may still be in the pipe; a child of its own may hold the pipe open for ever.
      await Promise.race([once(this.child, 'close'), setTimeout(PIPE_GRACE)]);
      return signal ? `killed by ${signal}` : `exit status ${code}`;
    } catch (error) {
      return `not started: ${(error as Error).message}`;
    } finally {
      this.running = false;
    }
  }

  private signal(name: NodeJS.Signals): void {
    if (this.child.pid === undefined) return;
    try {
      process.kill(-this.child.pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** Folder that only this user can enter, short enough for the path of a socket. */
function privateFolder(): string {
  if (process.platform === 'win32') {
    throw new NotebookError('notebooks are executed on Linux and macOS; on Windows use WSL');
  }
  const base =
    Buffer.byteLength(tmpdir()) + '/yolov1-kernel-XXXXXX/s:1'.length > LONGEST_FOLDER ? '/tmp' : tmpdir();
  return mkdtempSync(join(base, 'yolov1-kernel-'));
}

/** Contents of a Jupyter connection file. tslab appends `:port` to the path for the ipc transport. */
function connection(folder: string, key: string): Record<string, string | number> {
  return {
    transport: 'ipc',
    ip: join(folder, 's'),
    ...Object.fromEntries(CHANNELS.map((channel, index) => [`${channel}_port`, index + 1])),
    signature_scheme: 'hmac-sha256',
    key,
    kernel_name: 'tslab',
  };
}
