import type { MetricsLine } from '../record/runRecord';
import type { StepReport } from '../train/stepReport';

/** Events of a run, told while it goes. */
export interface ExperimentEvents {
  /**
   * A note about the folders that results go to: that an answer comes from a record, that a folder holds another
   * configuration's network, or what training anew replaces.
   */
  onNote?(message: string): void;
  /** Feature maps computed, of all that are needed of this list; not called where they are cached. */
  onFeatures?(done: number, all: number): void;
  /** The plan for the memory, its warnings, and what was done to stay within it. */
  onMemory?(message: string): void;
  /** Called before the first step, with the updates that the checkpoint had done: 0 without a checkpoint. */
  onBegin?(step: number): void;
  /** Called after each update. */
  onStep?(report: StepReport): void;
  /** Pictures evaluated, of all; called after the steps of an epoch that is evaluated. */
  onEvaluated?(done: number, all: number): void;
  /** Called after an epoch's last step and, if it has one, its evaluation. */
  onEpoch?(line: MetricsLine): void;
}
