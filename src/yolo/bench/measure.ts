import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Contestant, type ProfiledSample } from './contestant';
import { type Measurement, MOST_REPETITIONS, SECONDS_A_MEASUREMENT } from './work';

/** What one contestant needed. */
export interface Performance {
  readonly contestant: string;
  /** Of each repetition, in order. */
  readonly seconds: readonly number[];
  readonly median: number;
  /** Median of the seconds inside oneDNN; records of before it was asked lack them. */
  readonly inOneDnn?: number;
  /** Resident size above that of the process with its libraries loaded, in MiB; null where it is not known. */
  readonly peak: number | null;
  /** What the last repetition computed. */
  readonly figure: number;
}

/** Result of {@link measure}. */
export interface Measured {
  readonly ours: Performance;
  readonly peer?: Performance;
}

/** Threads of a contestant that has stopped working may spin for a moment. */
const PAUSE_MS = 50;

/**
 * Measures one piece of work, in turn with the peer's: A B A B, so that a busy machine slows both.
 *
 * @param python - Program that runs the peer; none without.
 */
export async function measure(measurement: Measurement, python?: string): Promise<Measured> {
  const { work, warmUps, repetitions, bfloat16 = false, alone = false } = measurement;
  const words = JSON.stringify(work);
  const programs: [string[], Record<string, string>][] = [
    [
      [process.execPath, '--import', 'tsx', join(__dirname, 'worker.ts'), words],
      bfloat16 ? { YOLOV1_BF16: '1' } : {},
    ],
  ];
  if (python && !alone) {
    programs.push([
      [python, join(__dirname, 'peer.py'), words, String(availableParallelism())],
      bfloat16 ? { ONEDNN_DEFAULT_FPMATH_MODE: 'BF16' } : {},
    ]);
  }
  const contestants: Contestant[] = [];
  try {
    for (const [program, variables] of programs) {
      contestants.push(await Contestant.start(program, variables));
    }
    const samples = await inTurn(contestants, warmUps, repetitions);
    const [ours, peer] = await Promise.all(
      contestants.map(async (contestant, index): Promise<Performance> => {
        const counted = samples[index].slice(warmUps);
        const seconds = counted.map((sample) => sample.seconds);
        return {
          contestant: contestant.name,
          seconds,
          median: medianOf(seconds),
          inOneDnn: medianOf(counted.map((sample) => sample.inOneDnn)),
          peak: await contestant.end(),
          figure: samples[index].at(-1)?.figure ?? Number.NaN,
        };
      }),
    );
    return { ours, peer };
  } finally {
    for (const contestant of contestants) contestant.kill();
  }
}

/** Samples by contestant, the warm-ups first. */
async function inTurn(
  contestants: readonly Contestant[],
  warmUps: number,
  repetitions: number,
): Promise<ProfiledSample[][]> {
  const samples: ProfiledSample[][] = contestants.map(() => []);
  const begin = performance.now();
  for (let round = 0; round < warmUps + MOST_REPETITIONS; round++) {
    const late = performance.now() - begin > 1e3 * SECONDS_A_MEASUREMENT;
    if (late && round >= warmUps + repetitions) break;
    for (const [index, contestant] of contestants.entries()) {
      await setTimeout(PAUSE_MS);
      samples[index].push(await contestant.repeat());
    }
  }
  return samples;
}

/** The middle of an odd number of values, of an even one the mean of the middle two. */
function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
