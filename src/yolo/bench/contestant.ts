import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { childEnvironment } from '../core/environment';
import { UserError } from '../core/errors';

/** One repetition as its process measured it. */
export interface Sample {
  readonly seconds: number;
  /** Of what was computed, such as the loss. */
  readonly figure: number;
}

/** A process that repeats one piece of work when it is told to. */
export class Contestant {
  private constructor(
    /** What computes there, such as `torch 2.15.0`. */
    readonly name: string,
    private readonly child: ChildProcess,
    private readonly answers: AsyncIterator<string>,
  ) {}

  /**
   * Starts the process and waits until its work is prepared.
   *
   * @param program - With its arguments.
   * @throws {@link UserError} if it ends before that.
   */
  static async start(
    program: readonly string[],
    variables: Readonly<Record<string, string>>,
  ): Promise<Contestant> {
    const [file, ...args] = program;
    const child = spawn(file, args, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: childEnvironment(variables),
    });
    const failed = new Promise<never>((_, reject) => {
      child.once('error', ({ message }) => reject(new UserError(`${file} does not start: ${message}`)));
    });
    const answers = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    const { contestant } = await Promise.race([read<{ contestant: string }>(file, answers), failed]);
    return new Contestant(contestant, child, answers);
  }

  /** One repetition. */
  repeat(): Promise<Sample> {
    return this.order('go');
  }

  /**
   * Ends the process.
   *
   * @returns Its peak of resident size above what it was with its libraries loaded, in MiB; null if not known.
   */
  async end(): Promise<number | null> {
    return (await this.order<{ peak: number | null }>('end')).peak;
  }

  /** Ends the process wherever it is; nothing happens if it has ended. */
  kill(): void {
    this.child.kill();
  }

  private order<T>(word: string): Promise<T> {
    this.child.stdin!.write(`${word}\n`);
    return read<T>(this.name, this.answers);
  }
}

async function read<T>(name: string, answers: AsyncIterator<string>): Promise<T> {
  const { value, done } = await answers.next();
  if (done) throw new UserError(`${name} ended before its measurement; what it wrote stands above`);
  return JSON.parse(value) as T;
}
