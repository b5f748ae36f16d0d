import * as tf from '@tensorflow/tfjs';
import type { Statistic } from '../../model/layers/layer';
import type { StatisticsDrift } from './evaluation';

const MEAN = '.running_mean';
const VARIANCE = '.running_var';

/** Running statistics of BatchNorm as they were at the start, to tell how far they have moved. */
export class StatisticsDrifted {
  private constructor(
    private readonly statistics: readonly Statistic[],
    private readonly start: readonly Float32Array[],
  ) {}

  /** @param statistics - Their values are copied. */
  static async from(statistics: readonly Statistic[]): Promise<StatisticsDrifted> {
    return new StatisticsDrifted(statistics, await valuesOf(statistics));
  }

  /** Set them to what they were at the start. */
  restore(): void {
    this.statistics.forEach(({ variable }, index) => {
      tf.tidy(() => variable.assign(tf.tensor(this.start[index], variable.shape)));
    });
  }

  /** How far they are from the start. */
  async drift(): Promise<StatisticsDrift> {
    const moved = { [MEAN]: 0, [VARIANCE]: 0 };
    const length = { [MEAN]: 0, [VARIANCE]: 0 };
    const now = await valuesOf(this.statistics);
    for (const [index, { name }] of this.statistics.entries()) {
      const start = this.start[index];
      const kind = name.endsWith(MEAN) ? MEAN : VARIANCE;
      now[index].forEach((value, place) => {
        moved[kind] += (value - start[place]) ** 2;
        if (kind === VARIANCE) {
          length[MEAN] += start[place];
          length[VARIANCE] += start[place] ** 2;
        }
      });
    }
    return {
      mean: Math.sqrt(moved[MEAN] / length[MEAN]),
      variance: Math.sqrt(moved[VARIANCE] / length[VARIANCE]),
    };
  }
}

function valuesOf(statistics: readonly Statistic[]): Promise<Float32Array[]> {
  return Promise.all(
    statistics.map(async ({ variable }) => Float32Array.from(await variable.data<'float32'>())),
  );
}
