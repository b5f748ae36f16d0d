import { roughDurationInWords } from './duration';

/** Milliseconds over which the pace is taken: long enough to be steady, short enough to follow a change. */
const WINDOW = 60_000;

/** How fast work goes, from the times at which parts of it were done; neither pauses in between nor a suspension count. */
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
    while (this.marks.length > 2) {
      const [first, second] = this.marks;
      // A part that took longer than the window, and others not: the process was suspended, or the machine slept.
      const suspended = second.time - first.time > WINDOW;
      if (!suspended && second.time > time - WINDOW) break;
      this.marks.shift();
    }
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

  /** Pictures a second and the time left, as in `8.0 pictures/s` and `2 min left`; none before the second step. */
  words(step: number, steps: number, pictures: number): string[] {
    const left = this.left(step, steps);
    const rate = this.perSecond();
    if (rate === undefined || left === undefined) return [];
    const speed = rate * pictures;
    return [`${speed.toFixed(speed < 10 ? 1 : 0)} pictures/s`, `${left} left`];
  }

  /** Until the next part, other work is done. */
  pause(): void {
    this.pausedAt ??= this.now();
  }
}
