import { setTimeout as delay } from 'node:timers/promises';
import { NotebookError } from '../errors';
import type { Channels } from './channels';
import { connect } from './connect';
import { type ExecuteOptions, type Execution, RunningCode } from './execution';
import { KernelProcess } from './kernelProcess';
import type { Displays } from './outputs';
import type { Message } from './wire';

/** How a kernel is started. */
export interface KernelOptions {
  /** Working directory: `import` in cells is resolved from here. */
  readonly cwd: string;
  /** Variables added to, or replacing, those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Longest wait for the first answer, in milliseconds. Default: 60 000. */
  readonly startTimeout?: number;
}

/** How long to wait until a kernel that refused a cell is given it again, in milliseconds. */
const EXECUTE_AGAIN = 50;

/** How long an interrupted cell may take to stop, in milliseconds. */
const INTERRUPT_GRACE = 2000;
const INTERRUPT_AGAIN = 200;

/** How long after its end a cell may still print, in milliseconds. */
const LATE = 50;

/**
 * A running tslab kernel, driven over the Jupyter messaging protocol.
 *
 * @example
 * const kernel = await Kernel.start({ cwd: 'notebooks' });
 * const { error, outputs } = await kernel.execute('console.log(1 + 1)');
 * await kernel.shutdown();
 */
export class Kernel {
  /** The kernel's account of its language, for a notebook's metadata. */
  languageInfo: Readonly<Record<string, unknown>> = {};
  private readonly displays: Displays = new Map();
  /** By the id of their request; kept, because code may print after it has ended. */
  private readonly codes = new Map<string, RunningCode>();
  /** Called when the kernel is idle again after the request of that id: what it published before has come. */
  private readonly fences = new Map<string, () => void>();
  private running: RunningCode | undefined;
  private channels: Channels | undefined;

  private constructor(
    private readonly options: KernelOptions,
    private process: KernelProcess,
  ) {}

  /**
   * Starts a kernel and waits until it answers on every channel.
   *
   * @throws {@link NotebookError} if tslab is not installed, ends, or does not answer in time; the message ends
   *   with what the process wrote to stderr.
   */
  static async start(options: KernelOptions): Promise<Kernel> {
    const kernel = new Kernel(options, new KernelProcess(options.cwd, options.env));
    await kernel.connect();
    return kernel;
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  /**
   * Executes code and waits until it is done and all it printed has come.
   *
   * @throws {@link NotebookError} if the kernel dies meanwhile, or the code takes too long or prints too much:
   *   then it has been interrupted, and the kernel ended if that was in vain.
   */
  async execute(code: string, options: ExecuteOptions = {}): Promise<Execution> {
    for (;;) {
      const running = await this.request(code, options);
      this.running = running;
      const outcome = await this.outcome(running, options.timeout);
      if (outcome === 'too much') {
        throw await this.stop(`printed more than ${running.limit / 1e6} MB`);
      }
      if (outcome === 'too long') {
        throw await this.stop(`took longer than ${(options.timeout ?? 0) / 1000} s`);
      }
      // For 200 ms after an error, tslab refuses what it is sent.
      if (outcome !== 'abort') return running.result();
      await delay(EXECUTE_AGAIN);
    }
  }

  /**
   * Interrupts what is executing, which then ends with an error. Asynchronous work it started goes on.
   *
   * @returns Whether it has ended; false if it took no notice for two seconds.
   */
  async interrupt(): Promise<boolean> {
    const running = this.running;
    if (!running) return true;
    const ended = Promise.race([running.done, this.process.ended]).then(() => true);
    // Again and again: a signal that comes while tslab compiles the cell, or just begins it, has no effect.
    for (let waited = 0; waited < INTERRUPT_GRACE; waited += INTERRUPT_AGAIN) {
      this.process.interrupt();
      if (await Promise.race([ended, delay(INTERRUPT_AGAIN, false)])) return true;
    }
    return false;
  }

  /**
   * Waits a moment for what executed code may still print, such as an error that nothing caught, until all of
   * it has come.
   */
  async settle(): Promise<void> {
    await delay(LATE);
    const channels = this.connected();
    const fence = channels.request('kernel_info_request', {});
    const passed = new Promise<void>((resolve) => {
      this.fences.set(fence.header.msg_id, resolve);
    });
    await channels.send('shell', fence);
    await Promise.race([passed, this.process.ended]);
    this.fences.delete(fence.header.msg_id);
  }

  /** Whether the kernel answers its heartbeat: false while a cell computes without a pause. */
  async responsive(milliseconds = 500): Promise<boolean> {
    return this.process.alive && (await this.channels?.beats(milliseconds)) === true;
  }

  /** Ends the kernel and starts another one, without any of the values. */
  async restart(): Promise<void> {
    await this.shutdown();
    this.displays.clear();
    this.codes.clear();
    this.running = undefined;
    this.process = new KernelProcess(this.options.cwd, this.options.env);
    await this.connect();
  }

  /** Ends the kernel and every process it started. Calling it twice is harmless. */
  async shutdown(): Promise<void> {
    if (this.channels && this.process.alive) {
      const request = this.channels.request('shutdown_request', { restart: false });
      await this.channels.send('control', request);
      await this.process.end();
    } else {
      await this.process.kill();
    }
    this.channels?.close();
    this.channels = undefined;
  }

  private async connect(): Promise<void> {
    const listeners = {
      onReply: (message: Message) => this.onReply(message),
      onPublished: (message: Message) => this.onPublished(message),
    };
    const { channels, languageInfo } = await connect(this.process, listeners, this.options.startTimeout);
    this.channels = channels;
    this.languageInfo = languageInfo;
  }

  private async request(code: string, options: ExecuteOptions): Promise<RunningCode> {
    const running = new RunningCode(this.displays, options);
    const channels = this.connected();
    const message = channels.request('execute_request', {
      code,
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: true,
    });
    // Before it is sent: the answer may come before `send` returns.
    this.codes.set(message.header.msg_id, running);
    await channels.send('shell', message);
    return running;
  }

  /** Status of the reply, `too much` or `too long`. */
  private async outcome(running: RunningCode, timeout: number | undefined): Promise<string> {
    const timer = new AbortController();
    const death = this.process.ended.then((how) => {
      throw new NotebookError(`the kernel died: ${how}${this.process.lastWords}`);
    });
    const ends = [running.done, death];
    if (timeout !== undefined) {
      ends.push(delay(timeout, 'too long', { signal: timer.signal }).catch(() => 'too long'));
    }
    try {
      return await Promise.race(ends);
    } finally {
      timer.abort();
      death.catch(() => {});
    }
  }

  private connected(): Channels {
    if (!this.channels) throw new NotebookError('the kernel has been shut down; start another one');
    return this.channels;
  }

  private onReply({ header, parentHeader, content }: Message): void {
    if (header.msg_type === 'execute_reply') this.codes.get(parentHeader.msg_id ?? '')?.onReply(content);
  }

  private onPublished({ header, parentHeader, content }: Message): void {
    const id = parentHeader.msg_id ?? '';
    this.codes.get(id)?.onPublished(header.msg_type, content);
    if (content.execution_state === 'idle') this.fences.get(id)?.();
  }

  /** Interrupts a cell; where that is in vain, ends the kernel. Returns the error to throw. */
  private async stop(reason: string): Promise<NotebookError> {
    if (await this.interrupt()) return new NotebookError(`${reason} and was interrupted`);
    const busy = (await this.responsive()) ? '' : ' (it computes without a pause)';
    await this.process.kill();
    return new NotebookError(`${reason}, could not be interrupted${busy}, and its kernel was ended`);
  }
}
