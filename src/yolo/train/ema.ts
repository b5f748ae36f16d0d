import * as tf from '@tensorflow/tfjs';
import type { NamedTensors } from '../model/weights/weights';
import { averageInPlace, changesInPlace } from '../tensor/ops/inPlace';

/**
 * Exponential moving average of a network's parameters and running statistics. Early on the decay is small,
 * `(1 + n) / (10 + n)` after n updates, so the random start is soon forgotten; later it is `decay`.
 */
export class ExponentialMovingAverage {
  private readonly averages = new Map<string, tf.Variable>();

  /** @param decay - Weight of the old average late in training, such as .998. */
  constructor(
    private readonly network: NamedTensors,
    private readonly decay: number,
  ) {
    for (const { name, variable } of this.entries()) {
      this.averages.set(
        name,
        tf.tidy(() => tf.variable(variable.clone(), false)),
      );
    }
  }

  /** Move every average towards the present value. @param updates - Updates done so far, from 1. */
  update(updates: number): void {
    const decay = Math.min(this.decay, (1 + updates) / (10 + updates));
    for (const { name, variable } of this.entries()) {
      const average = this.averages.get(name)!;
      tf.tidy(() => {
        if (changesInPlace()) averageInPlace(average, variable, 1 - decay);
        else average.assign(average.mul(decay).add(variable.mul(1 - decay)));
      });
    }
  }

  /**
   * Put the averages into the network while `work` runs, then the trained values back, also when it throws.
   */
  async swappedIn<T>(work: () => Promise<T>): Promise<T> {
    this.swap();
    try {
      return await work();
    } finally {
      this.swap();
    }
  }

  /** The averages by name, for a checkpoint; the tensors stay this object's. */
  values(): ReadonlyMap<string, tf.Variable> {
    return this.averages;
  }

  dispose(): void {
    for (const average of this.averages.values()) {
      average.dispose();
    }
    this.averages.clear();
  }

  private swap(): void {
    for (const { name, variable } of this.entries()) {
      const average = this.averages.get(name)!;
      tf.tidy(() => {
        const trained = variable.clone();
        variable.assign(average.clone());
        average.assign(trained);
      });
    }
  }

  private entries() {
    return [...this.network.parameters(), ...this.network.statistics()];
  }
}
