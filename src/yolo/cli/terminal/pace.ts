import { roughDurationInWords } from '../../core/duration';

/** Milliseconds over which the pace is taken: long enough to be steady, short enough to follow a change. */
const WINDOW = 60_000;

/** How fast work goes, from the times at which parts of it were done; pauses in between do not count. */
export class Pace {
  private marks: { time: number; done: number }[] = [];
  /** Time lost in pauses, taken off the clock. */
  private lost = 0;
  private pausedAt?: number;
  private all?: number;

  /** @param now - Milliseconds. */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /**
   * So much is done now.
   *
   * @param all - Another number than before is other work: the pace begins anew.
   * @returns The time left at the present pace, in words such as `36 min`; undefined while that is unknown.
   */
  left(done: number, all: number): string | undefined {
    if (all !== this.all || done < (this.marks.at(-1)?.done ?? 0)) {
      this.marks = [];
      this.all = all;
    }
    const clock = this.now();
    if (this.pausedAt !== undefined) {
      // The part that ends here was done since, in a time that nobody measured.
      this.marks = this.marks.map((mark) => ({ ...mark, done: mark.done + done - this.marks.at(-1)!.done }));
      this.lost += clock - this.pausedAt;
      this.pausedAt = undefined;
    }
    const time = clock - this.lost;
    this.marks.push({ time, done });
    while (this.marks.length > 2 && this.marks[1].time <= time - WINDOW) this.marks.shift();
    const rate = this.perSecond();
    return rate === undefined ? undefined : roughDurationInWords((all - done) / rate);
  }

  /** Parts a second; undefined before the second part. */
  perSecond(): number | undefined {
    const [first, last] = [this.marks[0], this.marks.at(-1)];
    return first && last && last.time > first.time
      ? (1000 * (last.done - first.done)) / (last.time - first.time)
      : undefined;
  }

  /** Until the next part, other work is done. */
  pause(): void {
    this.pausedAt = this.now();
  }
}
