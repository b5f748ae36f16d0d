import { MeasuringProcess } from '../memory/measure/measuringProcess';

/** One repetition as its process measured it. */
export interface Sample {
  readonly seconds: number;
  /** Of what was computed, such as the loss. */
  readonly figure: number;
}

/** A repetition with what oneDNN says of it. */
export interface ProfiledSample extends Sample {
  /** Seconds inside oneDNN, which computes the convolutions of both sides. */
  readonly inOneDnn: number;
}

/** oneDNN prints a line for everything that it computes; the last of its fields is milliseconds. */
const VERBOSE = { ONEDNN_VERBOSE: 'profile_exec' };
const EXECUTED = /^onednn_verbose,.*,exec,.*,([\d.]+)$/;

/** A process that repeats one piece of work when it is told to. */
export class Contestant {
  private constructor(
    /** What computes there, such as `torch 2.15.0`. */
    readonly name: string,
    private readonly child: MeasuringProcess,
    /** Seconds inside oneDNN since the last call. */
    private readonly takeInOneDnn: () => number,
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
    let milliseconds = 0;
    const onOther = (line: string) => {
      milliseconds += Number(EXECUTED.exec(line)?.[1] ?? 0);
    };
    const child = new MeasuringProcess(program, { variables: { ...VERBOSE, ...variables }, onOther });
    const { contestant } = await child.answer<{ contestant: string }>();
    return new Contestant(contestant, child, () => {
      const seconds = milliseconds / 1e3;
      milliseconds = 0;
      return seconds;
    });
  }

  /** One repetition. */
  async repeat(): Promise<ProfiledSample> {
    this.takeInOneDnn();
    const sample = await this.child.ask<Sample>('go');
    return { ...sample, inOneDnn: this.takeInOneDnn() };
  }

  /**
   * Ends the process.
   *
   * @returns Its peak of resident size above what it was with its libraries loaded, in MiB; null if not known.
   */
  async end(): Promise<number | null> {
    return (await this.child.ask<{ peak: number | null }>('end')).peak;
  }

  /** Ends the process wherever it is; nothing happens if it has ended. */
  kill(): void {
    this.child.kill();
  }
}
