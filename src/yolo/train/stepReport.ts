/** One update: its loss and what it did. */
export interface StepReport {
  /** From 1. */
  epoch: number;
  /** Updates done, from 1. */
  step: number;
  steps: number;
  loss: number;
  parts: Record<string, number>;
  /** Global norm before clipping. */
  gradientNorm: number;
  /** The schedule's factor on the base rates. */
  factor: number;
  pictures: number;
  /** Seconds for which the step had no pictures to work on. */
  waited: number;
  /** Where the batch went through in micro-batches; see {@link BatchGradients}. */
  microGradientNorm?: number;
  /** At every n-th step: norm of each loss part's gradient with respect to the network's outputs. */
  outputGradients?: Record<string, number>;
}
