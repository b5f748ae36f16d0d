import * as v from 'valibot';
import { checkArguments, FLAG, record } from '../core/arguments';
import { counted } from '../core/counted';
import { UserError } from '../core/errors';
import { wholeFrom } from '../core/form';
import { formatBytes } from './bytes';
import { DEVICES } from './devices';
import {
  type EstimateOptions,
  estimateMemory,
  type MemoryEstimate,
  NETWORK,
  SCOPE,
} from './estimate/estimate';
import { type LayerCost, layerCostsOf, type NetworkShape } from './estimate/layerCosts';

/** The training that a plan is made for. */
export interface PlanOptions extends Omit<EstimateOptions, 'batch' | 'accumulation'> {
  /** Bytes that may be used, the running program included. WebAssembly uses no more than 4 GiB of it. */
  budget: number;
  /** Pictures an update. */
  effectiveBatch: number;
  /** True if the backbone's layers are run again in the backward pass. Default: whichever plan is the fastest. */
  recompute?: boolean;
  /** True if each parameter is updated as soon as its gradient is there. Default: whichever plan is the fastest. */
  streamed?: boolean;
  /** True if gradients are clipped; then streamed ones take a second pass. Default true. */
  clips?: boolean;
  /** True if the loss can be computed in micro-batches whose gradients are added up. Default true. */
  accumulable?: boolean;
}

/** How to train within a budget. */
export interface MemoryPlan {
  /** Pictures that go through the network at once. */
  microBatch: number;
  /** Micro-batches whose gradients make one update; the last may be smaller. */
  accumulationSteps: number;
  /** True if the backbone's layers are run again in the backward pass. */
  recompute: boolean;
  /** True if each parameter is updated as soon as its gradient has been computed. */
  streamed: boolean;
  /** Time of an update over that of the whole batch at once, as estimated from the operations; 1 or more. */
  slowdown: number;
  /** What it takes. */
  estimate: MemoryEstimate;
  /** One sentence for each thing that may spoil the result or the estimate. */
  warnings: string[];
}

/** Most pictures of a batch that is planned, as in a configuration: more is a typing error. */
export const MOST_PICTURES = 1_000_000;

/**
 * Fewest pictures whose statistics BatchNorm takes without a warning: with fewer its error grows steeply (arXiv
 * 1803.08494, figure 1).
 */
const LEAST_FOR_BATCH_NORM = 8;

/**
 * Time of a pass beside that of its pictures, in pictures: a single one takes half as long again as one of 16
 * (docs/benchmark.md, ResNet18 with a convolutional head).
 */
const TIME_OF_A_PASS = 0.5;

const ARGUMENTS = {
  network: NETWORK,
  options: record('an object of options', {
    budget: v.pipe(v.number('bytes above 0'), v.gtValue(0, 'bytes above 0')),
    effectiveBatch: wholeFrom(1, MOST_PICTURES),
    ...SCOPE,
    ...{ clips: v.optional(FLAG), accumulable: v.optional(FLAG) },
  }),
};

/**
 * The fastest training that fits a budget. Less memory is taken by micro-batches whose gradients are added up, by
 * running the backbone's layers again in the backward pass instead of keeping their activations, and, where the batch
 * goes through at once, by updating each parameter as its gradient comes. Where BatchNorm takes statistics, a plan that
 * lets it see 8 pictures at once comes before a faster one.
 *
 * The smallest of the micro-batches that need the same number of steps is taken: 16 pictures in 4 steps are 4 x 4.
 *
 * @param network - A `Detector`, or rows with the shape of a picture.
 * @param options - The budget, and what is trained in which batches.
 * @throws UserError if nothing fits, for anything but a network, or an option of another kind.
 */
export function planBatch(network: NetworkShape, options: PlanOptions): MemoryPlan {
  checkArguments('planBatch', { network, options }, ARGUMENTS);
  const { effectiveBatch, recompute: given, accumulable = true } = options;
  const budget = Math.min(options.budget, DEVICES[options.device ?? 'cpu'].most ?? Number.POSITIVE_INFINITY);
  const layers = layerCostsOf(network, options);
  const ways = (choice: boolean | undefined) => (choice === undefined ? [false, true] : [choice]);
  const candidates = ways(given).flatMap((recompute) =>
    ways(options.streamed).flatMap((streamed) => {
      const slowdown = slowdownOf(network, { ...options, recompute, streamed });
      // Gradients that are added up are not used up as they come.
      return piecesOf(effectiveBatch, accumulable && !streamed).map(({ microBatch, steps }) => ({
        microBatch,
        accumulationSteps: steps,
        recompute,
        streamed,
        slowdown: slowdown(microBatch),
        fewStatistics: microBatch < LEAST_FOR_BATCH_NORM && layers.some((layer) => layer.usesBatchStatistics),
      }));
    }),
  );
  candidates.sort((a, b) => Number(a.fewStatistics) - Number(b.fewStatistics) || a.slowdown - b.slowdown);
  let smallest: MemoryEstimate | undefined;
  for (const { fewStatistics, ...way } of candidates) {
    const { microBatch: batch, accumulationSteps: accumulation, recompute, streamed } = way;
    const estimate = estimateMemory(network, { ...options, batch, accumulation, recompute, streamed });
    if (estimate.total <= budget) {
      return { ...way, estimate, warnings: warningsOf(layers, estimate, fewStatistics) };
    }
    smallest = !smallest || estimate.total < smallest.total ? estimate : smallest;
  }
  throw new UserError(refusal(budget, smallest!, options));
}

/** Every number of steps for which the batch can be cut, with the micro-batch. */
function piecesOf(effectiveBatch: number, accumulable: boolean): { microBatch: number; steps: number }[] {
  const pieces = [{ microBatch: effectiveBatch, steps: 1 }];
  for (let microBatch = effectiveBatch; accumulable && microBatch > 1; ) {
    // The fewest steps for which a smaller micro-batch will do.
    const steps = Math.ceil(effectiveBatch / (microBatch - 1));
    microBatch = Math.ceil(effectiveBatch / steps);
    pieces.push({ microBatch, steps });
  }
  return pieces;
}

/** A backward pass takes the time of two forward passes, so what runs again adds half of its backward pass. */
function slowdownOf(network: NetworkShape, options: PlanOptions): (microBatch: number) => number {
  const layers = layerCostsOf(network, options).filter(({ trained }) => trained);
  const sum = (list: typeof layers) => list.reduce((total, { multiplyAdds }) => total + multiplyAdds, 0);
  const again = sum(layers.filter(({ recomputed }) => recomputed !== undefined));
  const twice = options.streamed && (options.clips ?? true) ? 2 : 1;
  const ofPasses = twice * (1 + again / (3 * Math.max(1, sum(layers))));
  const of = (pictures: number) => 1 + TIME_OF_A_PASS / pictures;
  return (microBatch) => (ofPasses * of(microBatch)) / of(options.effectiveBatch);
}

/** Words for what a plan does besides cutting the batch, to follow others; empty for nothing. */
export function leverWords({ recompute, streamed }: Pick<MemoryPlan, 'recompute' | 'streamed'>): string {
  return (
    (recompute ? ', the backbone run again for the gradients' : '') +
    (streamed ? ', each parameter updated as its gradient comes' : '')
  );
}

/** Words for what a plan costs in time; empty for the whole batch at once. */
export function timeWords(slowdown: number): string {
  return slowdown > 1 ? `, about ${slowdown.toFixed(2)} times the time` : '';
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
  layers: readonly LayerCost[],
  { batch, measured }: MemoryEstimate,
  fewStatistics: boolean,
): string[] {
  const warnings: string[] = [];
  if (fewStatistics) {
    const unfrozen = layers.filter(({ usesBatchStatistics }) => usesBatchStatistics);
    const parts = [...new Set(unfrozen.map(({ name }) => name.slice(0, name.indexOf('.'))))].join(' and ');
    warnings.push(
      `BatchNorm of the ${parts} takes its statistics from ${counted(batch, 'picture')}, ` +
        `expected at least ${LEAST_FOR_BATCH_NORM}: freeze it, take GroupNorm, or give more memory`,
    );
  }
  if (!measured) {
    warnings.push('not measured on this kind of device: the sizes are an estimate only');
  }
  return warnings;
}
