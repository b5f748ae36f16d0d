import { counted } from '../../core/counted';
import { formatBytes } from '../bytes';
import type { AllocationTracker } from './allocationTracker';
import type { MemoryProbe } from './probe';
import { type Trend, trendOf } from './trend';

/** A kind of tensor of which there are more and more. */
export interface Growth {
  /** `tensor [4, 7, 7, 30]` or `variable [512]`. */
  kind: string;
  from: number;
  to: number;
  /** Bytes of the tensors that came. */
  bytes: number;
  /** Names in TensorFlow.js of the newest variables; empty for other tensors. */
  names: string[];
  /** In words. */
  line: string;
}

/** Answer of {@link LeakDetector.report}. */
export interface LeakReport {
  samples: number;
  /** True if anything grows. */
  leaking: boolean;
  /** Largest first. */
  growing: Growth[];
  /** Number of tensors at the first and the last sample. */
  tensors: { from: number; to: number };
  /** Bytes of the tensors. */
  tensorBytes: Trend;
  /** Bytes that the probe read. */
  memory: Trend;
  /** Lines that say what grows; empty if nothing does. */
  lines: string[];
}

/** Optimizer slots and the allocator's pools come with the first steps. */
const WARM_UP = 3;
/** Fewest samples after the warm-up for a verdict. */
const LEAST = 8;

/**
 * Finds what grows from step to step. Take a sample after every step, at the same place: then the tensors alive should
 * be the same ones every time.
 */
export class LeakDetector {
  private readonly counts = new Map<string, number[]>();
  private readonly sizes = new Map<string, number>();
  private readonly tensorBytes: number[] = [];
  private readonly memory: number[] = [];
  private seen = 0;

  /** @param tracker - Running. */
  constructor(
    private readonly tracker: AllocationTracker,
    private readonly probe: MemoryProbe,
  ) {}

  /** Tells whether there are samples enough for {@link report}. */
  get enough(): boolean {
    return this.memory.length >= LEAST;
  }

  /** Note what is alive. The first few samples are not counted. */
  sample(): void {
    this.seen += 1;
    if (this.seen <= WARM_UP) {
      return;
    }
    const index = this.memory.length;
    for (const [kind, { count, bytes }] of this.tracker.census()) {
      const series = this.counts.get(kind) ?? Array(index).fill(0);
      series.push(count);
      this.counts.set(kind, series);
      this.sizes.set(kind, bytes / count);
    }
    for (const series of this.counts.values()) {
      if (series.length === index) {
        series.push(0);
      }
    }
    this.tensorBytes.push(this.tracker.bytes);
    this.memory.push(this.probe.read());
  }

  /**
   * Reports growth: a kind of tensor whose number rose at least twice and never fell, and memory with an upward trend.
   *
   * @throws Error if there are fewer than 11 samples.
   */
  report(): LeakReport {
    const samples = this.memory.length;
    if (samples < LEAST) {
      throw new Error(`leak report: ${counted(this.seen, 'sample')}, expected at least ${WARM_UP + LEAST}`);
    }
    const growing = [...this.counts]
      .filter(([, series]) => grows(series))
      .map(([kind, series]): Growth => {
        const [from, to] = [series[0], series.at(-1)!];
        const names = kind.startsWith('variable')
          ? this.tracker.newestVariables(kind, Math.min(3, to - from))
          : [];
        const bytes = (to - from) * this.sizes.get(kind)!;
        const newest = names.length > 0 ? `, newest ${names.join(', ')}` : '';
        const line = `${kind}: ${from} -> ${to} (${formatBytes(bytes)})${newest}`;
        return { kind, from, to, bytes, names, line };
      })
      .sort((a, b) => b.bytes - a.bytes);
    const total = (index: number) =>
      [...this.counts.values()].reduce((sum, series) => sum + series.at(index)!, 0);
    const memory = trendOf(this.memory);
    const lines = growing.map(({ line }) => line);
    if (memory.rising) {
      lines.push(`${this.probe.source}: ${formatBytes(memory.first)} -> ${formatBytes(memory.last)}`);
    }
    return {
      samples,
      leaking: lines.length > 0,
      growing,
      tensors: { from: total(0), to: total(-1) },
      tensorBytes: trendOf(this.tensorBytes),
      memory,
      lines,
    };
  }
}

function grows(series: readonly number[]): boolean {
  const steps = series.slice(1).map((count, index) => count - series[index]);
  return steps.every((step) => step >= 0) && steps.filter((step) => step > 0).length >= 2;
}
