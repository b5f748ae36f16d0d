import { UserError } from '../core/errors';
import { formatBytes } from './bytes';
import { DEVICES } from './devices';
import { type EstimateOptions, estimateMemory, type MemoryEstimate } from './estimate';
import { layerCostsOf, type NetworkShape } from './layerCosts';

/** What a plan is made for. */
export interface PlanOptions extends Omit<EstimateOptions, 'batch' | 'accumulation'> {
  /** Bytes that may be used, the running program included. WebAssembly uses no more than 4 GiB of it. */
  budget: number;
  /** Pictures an update. */
  effectiveBatch: number;
}

/** How to train within a budget. */
export interface MemoryPlan {
  /** Pictures that go through the network at once. */
  microBatch: number;
  /** Micro-batches whose gradients make one update; the last may be smaller. */
  accumulationSteps: number;
  estimate: MemoryEstimate;
  warnings: string[];
}

/**
 * Fewest pictures whose statistics BatchNorm takes without a warning: with fewer its error grows steeply (arXiv
 * 1803.08494, figure 1).
 */
const LEAST_FOR_BATCH_NORM = 8;

/**
 * The largest micro-batch that fits a budget, with as many steps of accumulation as the effective batch needs. Of
 * micro-batches that need as many steps, the smallest is taken: 16 pictures in 4 steps are 4 x 4, not 3 x 5 + 1.
 *
 * @throws UserError if nothing fits.
 * @throws RangeError if `budget` or `effectiveBatch` is not a number above 0.
 */
export function planBatch(network: NetworkShape, options: PlanOptions): MemoryPlan {
  const { effectiveBatch } = options;
  const budget = Math.min(options.budget, DEVICES[options.device ?? 'cpu'].most ?? Number.POSITIVE_INFINITY);
  if (!(budget > 0)) {
    throw new RangeError(`planBatch: budget is ${budget}, expected bytes above 0`);
  }
  if (!Number.isInteger(effectiveBatch) || effectiveBatch < 1) {
    throw new RangeError(`planBatch: effectiveBatch is ${effectiveBatch}, expected a whole number above 0`);
  }
  let smallest: MemoryEstimate | undefined;
  for (let steps = 1; steps <= effectiveBatch; steps++) {
    const microBatch = Math.ceil(effectiveBatch / steps);
    if (Math.ceil(effectiveBatch / microBatch) !== steps) {
      continue;
    }
    const estimate = estimateMemory(network, { ...options, batch: microBatch, accumulation: steps });
    if (estimate.total <= budget) {
      return {
        microBatch,
        accumulationSteps: steps,
        estimate,
        warnings: warningsOf(network, options, estimate),
      };
    }
    smallest = !smallest || estimate.total < smallest.total ? estimate : smallest;
  }
  throw new UserError(refusal(budget, smallest!, options));
}

function refusal(
  budget: number,
  { batch, total, baseline, worst }: MemoryEstimate,
  options: PlanOptions,
): string {
  const advice = [
    ...(options.trainable === 'all' ? ['freeze the backbone (--trainable head)'] : []),
    ...(options.optimizer === 'sgd' ? [] : ['take the optimizer sgd']),
    'take a smaller head or input',
    `or give a budget of ${formatBytes(total)}`,
  ];
  return (
    `budget is ${formatBytes(budget)}, but micro-batch ${batch} needs ${formatBytes(total)} ` +
    `(${formatBytes(baseline)} with the model loaded; most in the phase '${worst}'): ${advice.join(', ')}`
  );
}

function warningsOf(
  network: NetworkShape,
  options: PlanOptions,
  { batch, measured }: MemoryEstimate,
): string[] {
  const warnings: string[] = [];
  const unfrozen = layerCostsOf(network, options).filter(({ usesBatchStatistics }) => usesBatchStatistics);
  if (unfrozen.length > 0 && batch < LEAST_FOR_BATCH_NORM) {
    const parts = [...new Set(unfrozen.map(({ name }) => name.slice(0, name.indexOf('.'))))].join(' and ');
    warnings.push(
      `BatchNorm of the ${parts} takes its statistics from ${batch} ${batch === 1 ? 'picture' : 'pictures'}, ` +
        `expected at least ${LEAST_FOR_BATCH_NORM}: freeze it, take GroupNorm, or give more memory`,
    );
  }
  if (!measured) {
    warnings.push('not measured on this kind of device: the sizes are an estimate only');
  }
  return warnings;
}
