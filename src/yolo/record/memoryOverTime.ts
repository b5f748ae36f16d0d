import { checkArguments, listOf } from '../core/arguments';
import { counted } from '../core/counted';
import { UserError } from '../core/errors';
import { type Trend, trendOf } from '../memory/measure/trend';
import type { MetricsLine } from './runRecord';

/** Memory after one step of a run. */
export interface MemoryPoint {
  /** Number of the step, from 1. */
  step: number;
  /** Time spent on steps until then; evaluations are not counted. */
  hours: number;
  /** Tensors alive. */
  tensors: number;
  /** Resident size of the process, in MiB. */
  residentMiB: number;
}

/** What a run's memory did. */
export interface MemoryOverTime {
  /** One for each step. */
  points: MemoryPoint[];
  /** Points at the beginning that the rest leaves out, the first epoch's: pools and caches fill up in it. */
  warmUp: number;
  /** Fewest and most tensors alive after a step, the warm-up included. */
  tensors: { least: number; most: number };
  /**
   * Resident size after the warm-up: `first`, `last` and `medianMiB` in MiB; its rise by Theil and Sen, `perSample` in
   * MiB a step and `mibPerHour`; and `rising`, whether by Mann and Kendall at 1 % it rises at all, and by more than 1
   * %.
   */
  resident: Trend & { medianMiB: number; mibPerHour: number };
}

const METRICS = listOf('a list of metrics lines', (line) => typeof line === 'object' && line !== null);

/**
 * Whether a run's memory stayed flat, from the step lines of its metrics. Neighbouring steps resemble each other, which
 * lets the test behind the trend find a rise too soon rather than too late.
 *
 * @param metrics - Of a whole run, as its record has them.
 * @throws UserError if fewer than two steps lie behind the warm-up, or a line has no reading of the memory.
 */
export function memoryOverTime(metrics: readonly MetricsLine[]): MemoryOverTime {
  checkArguments('memoryOverTime', { metrics }, { metrics: METRICS });
  const lines = metrics.filter(({ kind }) => kind === 'step');
  let seconds = 0;
  const points = lines.map((line) => {
    seconds += Number(line.seconds);
    const point = {
      step: Number(line.step),
      hours: seconds / 3600,
      tensors: Number(line.tensors),
      residentMiB: Number(line.residentMiB),
    };
    if (!Object.values(point).every(Number.isFinite)) {
      throw new UserError(`metrics: step ${line.step} has no reading of time and memory`);
    }
    return point;
  });
  const warmUp = lines.filter(({ epoch }) => Number(epoch) <= 1).length;
  const behind = points.slice(warmUp);
  if (behind.length < 2) {
    throw new UserError(
      `metrics: ${counted(behind.length, 'step')} after the first epoch, expected at least two`,
    );
  }
  const sizes = behind.map(({ residentMiB }) => residentMiB);
  const counts = points.map(({ tensors }) => tensors);
  const trend = trendOf(sizes);
  const hoursAStep = (behind[behind.length - 1].hours - behind[0].hours) / (behind.length - 1);
  return {
    points,
    warmUp,
    tensors: { least: Math.min(...counts), most: Math.max(...counts) },
    resident: {
      ...trend,
      medianMiB: [...sizes].sort((a, b) => a - b)[sizes.length >> 1],
      mibPerHour: trend.perSample / hoursAStep,
    },
  };
}
