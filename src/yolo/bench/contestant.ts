import { MeasuringProcess } from '../memory/measure/measuringProcess';

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
    private readonly child: MeasuringProcess,
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
    const child = new MeasuringProcess(program, { variables });
    const { contestant } = await child.answer<{ contestant: string }>();
    return new Contestant(contestant, child);
  }

  /** One repetition. */
  repeat(): Promise<Sample> {
    return this.child.ask('go');
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
