import type { MetricsLine } from '../record/runRecord';
import type { StepReport } from '../train/stepReport';

/** Events of a run, told while it goes. */
export interface ExperimentEvents {
  /**
   * Called with a sentence about where results come from and go to: that an answer comes from a record, that a folder
   * holds another configuration's network, what training anew replaces, that a run goes on with another backend, or
   * which epoch's network was kept.
   */
  onNote?(message: string): void;
  /**
   * Called while feature maps are computed, not where they are cached.
   *
   * @param done - Views of pictures that have theirs.
   * @param all - Views of all pictures of the lists at hand: those trained on, held out or evaluated on.
   */
  onFeatures?(done: number, all: number): void;
  /** Called with a sentence about memory: the plan, its warnings, and what was done to stay within it. */
  onMemory?(message: string): void;
  /**
   * Called before the first step.
   *
   * @param step - Updates that the checkpoint had done; 0 without a checkpoint.
   */
  onBegin?(step: number): void;
  /** Called after each update. */
  onStep?(report: StepReport): void;
  /**
   * Called after each batch of an evaluation.
   *
   * @param done - Pictures evaluated.
   * @param all - Pictures of the lists that are evaluated, or held out.
   */
  onEvaluated?(done: number, all: number): void;
  /**
   * Called after an epoch's last step and, if it has one, its evaluation.
   *
   * @param line - The epoch's means, and its mAP at IoU .5 as `map` where it was evaluated.
   */
  onEpoch?(line: MetricsLine): void;
}
