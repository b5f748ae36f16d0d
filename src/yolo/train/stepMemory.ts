import type * as tf from '@tensorflow/tfjs';
import type { Slice } from '../memory/measure/guard';
import type { Phase } from '../memory/phases';

/** Watches the memory that steps take, and may have a step computed in smaller pieces. */
export interface StepMemory {
  /** A phase begins. */
  enter(phase: Phase): void;
  /**
   * Compute gradients in as few slices as fit; called again with more of them when memory runs out.
   *
   * @param state - Variables that `compute` changes.
   */
  run<T>(
    pictures: number,
    compute: (slices: readonly Slice[]) => Promise<T>,
    state: readonly tf.Variable[],
  ): Promise<T>;
  /** Compute something that can't be cut. */
  runWhole<T>(compute: () => Promise<T>): Promise<T>;
  /** The step is done. @throws MemoryLimitError if it took too much. */
  endStep(): void;
}
