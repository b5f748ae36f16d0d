/** One update: its loss and what it did. */
export interface StepReport {
  /** From 1. */
  epoch: number;
  /** Updates done, from 1. */
  step: number;
  /** Updates of the whole training. */
  steps: number;
  /** Total loss of the batch before the update, divided as the loss's description says. */
  loss: number;
  /** Shares of the loss by name; they add up to it. */
  parts: Record<string, number>;
  /** Norm of all gradients together, before clipping. */
  gradientNorm: number;
  /** The schedule's factor on the base rates. */
  factor: number;
  /** Pictures of the batch. */
  pictures: number;
  /** Seconds for which the step had no pictures to work on. */
  waited: number;
  /** Only where the batch went through in micro-batches: `microNorm` of {@link BatchGradients}. */
  microGradientNorm?: number;
  /** Norm of each loss part's gradient with respect to the network's outputs, at the steps that ask for it. */
  outputGradients?: Record<string, number>;
}
