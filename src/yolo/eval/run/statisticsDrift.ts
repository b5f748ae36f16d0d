import type { Statistic } from '../../model/layer';
import type { StatisticsDrift } from './evaluation';

const MEAN = '.running_mean';
const VARIANCE = '.running_var';

/** Running statistics of BatchNorm as they were at the start, to tell how far they have moved. */
export class StatisticsDrifted {
  private readonly start: Map<string, Float32Array>;

  /** @param statistics - Their values are copied. */
  constructor(private readonly statistics: readonly Statistic[]) {
    this.start = new Map(statistics.map(({ name, variable }) => [name, valuesOf(variable)]));
  }

  /** How far they are from the start. */
  drift(): StatisticsDrift {
    const moved = { [MEAN]: 0, [VARIANCE]: 0 };
    const length = { [MEAN]: 0, [VARIANCE]: 0 };
    for (const { name, variable } of this.statistics) {
      const start = this.start.get(name)!;
      const kind = name.endsWith(MEAN) ? MEAN : VARIANCE;
      valuesOf(variable).forEach((value, place) => {
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

function valuesOf(variable: Statistic['variable']): Float32Array {
  return Float32Array.from(variable.dataSync<'float32'>());
}
