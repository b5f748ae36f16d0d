import type { MetricsLine } from '../record/runRecord';
import type { StepReport } from '../train/stepReport';

/** What a run tells while it goes. */
export interface ExperimentEvents {
  /**
   * What is worth knowing of what lies where results go: that an answer comes from a record, that a folder holds another
   * configuration's network, what training anew replaces.
   */
  onNote?(message: string): void;
  /** Feature maps computed, of all that are needed of this list; not called where they are cached. */
  onFeatures?(done: number, all: number): void;
  /** What the plan for the memory is, what it warns of, and what was done to stay within it. */
  onMemory?(message: string): void;
  /** Before the first step, with the updates that a checkpoint had already: 0 if there was none to go on from. */
  onBegin?(step: number): void;
  onStep?(report: StepReport): void;
  /** Pictures evaluated, of all; after the steps of an epoch where that is due. */
  onEvaluated?(done: number, all: number): void;
  /** After an epoch's last step and, where one was due, its evaluation. */
  onEpoch?(line: MetricsLine): void;
}
