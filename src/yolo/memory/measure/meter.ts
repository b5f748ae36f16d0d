import type { Phase } from '../phases';
import type { AllocationTracker } from './allocationTracker';
import { type MemoryProbe, takeLargest } from './probe';

/** Memory of a phase; sizes in bytes. */
export interface TimelinePoint {
  /** Time of its end, from the start of the training on. */
  seconds: number;
  /** What was going on. */
  phase: Phase;
  /** Most within the phase as the probe reads it; at its end where the system keeps no count of the most. */
  bytes: number;
  /** Most that tensors took at once within the phase. */
  tensors: number;
}

/** Largest values of a phase, in bytes. */
export type PhasePeak = Pick<TimelinePoint, 'bytes' | 'tensors'>;

/** Most points over time, as many as a chart can show: above it, two become one. */
const MOST_POINTS = 300;

/**
 * Memory by phase of a training, and over time.
 *
 * The backends keep freed memory for themselves, so the probe's reading in a phase includes the peaks of the
 * phases before. The tensors tell what a phase needs by itself.
 */
export class MemoryMeter {
  private readonly points: TimelinePoint[] = [];
  private readonly largest = new Map<Phase, PhasePeak>();
  private readonly start: number;
  private phase?: Phase;
  private pending?: TimelinePoint;
  /** Readings that make one point. */
  private stride = 1;
  private readings = 0;

  /**
   * @param tracker - Running.
   * @param now - Milliseconds; for tests.
   */
  constructor(
    private readonly probe: MemoryProbe,
    private readonly tracker: AllocationTracker,
    private readonly now: () => number = performance.now.bind(performance),
  ) {
    this.start = now();
  }

  /** Name of the reading, in words. */
  get source(): string {
    return this.probe.source;
  }

  /** Begin a phase, and end the one before. Undefined: nothing that counts goes on. */
  enter(phase: Phase | undefined): void {
    if (this.phase) {
      this.record({
        seconds: (this.now() - this.start) / 1000,
        phase: this.phase,
        bytes: this.read(),
        tensors: this.tracker.peak,
      });
    }
    this.tracker.forgetPeak();
    if (!this.phase) {
      // A peak of the time that does not count.
      this.read();
    }
    this.phase = phase;
  }

  /** Largest values so far by phase, for those that there were. */
  peaks(): Partial<Record<Phase, PhasePeak>> {
    return Object.fromEntries(this.largest);
  }

  /** Readings over time. In a long training a point stands for the largest of several. */
  timeline(): TimelinePoint[] {
    return [...this.points, ...(this.pending ? [this.pending] : [])];
  }

  private read(): number {
    return takeLargest(this.probe);
  }

  private record(point: TimelinePoint): void {
    const before = this.largest.get(point.phase);
    this.largest.set(point.phase, {
      bytes: Math.max(point.bytes, before?.bytes ?? 0),
      tensors: Math.max(point.tensors, before?.tensors ?? 0),
    });
    this.pending = this.pending ? larger(this.pending, point) : point;
    this.readings += 1;
    if (this.readings % this.stride > 0) {
      return;
    }
    this.points.push(this.pending);
    this.pending = undefined;
    if (this.points.length === MOST_POINTS) {
      for (let pair = 0; pair < MOST_POINTS / 2; pair++) {
        this.points[pair] = larger(this.points[2 * pair], this.points[2 * pair + 1]);
      }
      this.points.length = MOST_POINTS / 2;
      this.stride *= 2;
    }
  }
}

function larger(a: TimelinePoint, b: TimelinePoint): TimelinePoint {
  return b.bytes + b.tensors > a.bytes + a.tensors ? b : a;
}
