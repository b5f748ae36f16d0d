import { type ChildProcess, spawn } from 'node:child_process';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { childEnvironment } from '../../core/environment';
import { UserError } from '../../core/errors';

/** How a {@link MeasuringProcess} is started. */
export interface MeasuringProcessOptions {
  /** Variables of its environment beside those of this process. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Added to this process's niceness, where its time does not matter. Default 0. */
  readonly nice?: number;
  /** Takes the lines that are no answers, such as a library's own words. Default: there are none. */
  readonly onOther?: (line: string) => void;
}

/** A process of its own, so that no measurement holds another's leftovers. Each of its answers is a line of JSON. */
export class MeasuringProcess {
  private readonly child: ChildProcess;
  private readonly answers: AsyncIterator<string>;
  /** How it ended, in words. */
  private readonly end: Promise<string>;

  /** @param program - With its arguments. */
  constructor(
    program: readonly string[],
    private readonly options: MeasuringProcessOptions = {},
  ) {
    const { variables = {}, nice = 0 } = options;
    const [file, ...args] = program;
    this.child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'], env: childEnvironment(variables) });
    this.end = new Promise((resolve) => {
      this.child.once('error', ({ message }) => resolve(`${file} does not start: ${message}`));
      this.child.once('close', (code, signal) => resolve(`the process ended with ${signal ?? code}`));
    });
    this.answers = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
    if (nice && this.child.pid) setPriority(this.child.pid, nice);
  }

  /**
   * The next answer.
   *
   * @throws {@link UserError} that says how the process ended, if it gives none.
   */
  async answer<T>(): Promise<T> {
    const { onOther } = this.options;
    for (;;) {
      const { value, done } = await this.answers.next();
      if (done) throw new UserError(await this.end);
      if (!onOther || value.startsWith('{')) return JSON.parse(value) as T;
      onOther(value);
    }
  }

  /** The answer to a line. */
  ask<T>(line: string): Promise<T> {
    this.child.stdin!.write(`${line}\n`);
    return this.answer<T>();
  }

  /** Ends the process wherever it is; nothing happens if it has ended. */
  kill(): void {
    this.child.kill();
  }
}
