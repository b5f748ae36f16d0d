import { counted } from '../../core/counted';
import { readEnvironment } from '../../core/environment';
import { UserError } from '../../core/errors';
import type { LossDescription } from '../../loss/detectionLoss';
import { type MemoryBudget, memoryBudget } from '../../memory/budget';
import { formatBytes } from '../../memory/bytes';
import { type Device, deviceOf } from '../../memory/devices';
import { type EstimateOptions, estimateMemory, type MemoryEstimate } from '../../memory/estimate/estimate';
import type { NetworkShape } from '../../memory/estimate/layerCosts';
import { leverWords, type MemoryPlan, type PlanOptions, planBatch, timeWords } from '../../memory/plan';
import type { Detector } from '../../model/detector';
import type { BackendInfo } from '../../tensor/backend';
import type { ExperimentConfig } from '../config/config';

/** The training that a plan is made for. */
export interface TrainingPlanOptions {
  config: ExperimentConfig;
  detector: Detector;
  /** Pictures an update. */
  batch: number;
  backend: BackendInfo;
  loss: LossDescription;
  /** A budget by hand, such as `6GB`. Default: `$YOLOV1_MEMORY`, then none. */
  memory?: string;
}

/** How a training goes about its memory. */
export interface TrainingPlan {
  /** Absent where none was given. */
  budget?: MemoryBudget;
  /** Pictures that go through the network at once. */
  microBatch: number;
  /** True if the backbone's layers are run again in the backward pass. */
  recompute: boolean;
  /** As in the configuration. */
  gradients: 'streamed' | null;
  estimate: MemoryEstimate;
  /** Messages that are worth reading before the first step. */
  messages: string[];
}

/**
 * The micro-batch of a training: the configured one, else the largest that fits the budget at the largest of the input
 * sizes, else the whole batch.
 *
 * @throws UserError if the backend can't keep activations as the configuration says, the budget is no size, nothing fits it, or what fits cuts a loss that can't be cut.
 */
export function planTraining(options: TrainingPlanOptions): TrainingPlan {
  const { config, batch, backend } = options;
  const network = atLargestInput(options);
  const device = deviceOf(backend);
  const budget = givenBudget(device, options.memory);
  if (config.activationBits !== null && backend.name !== 'tensorflow') {
    throw new UserError(
      `activationBits: got 16 on ${backend.name}, which can't keep them; expected it on native TensorFlow: leave it out`,
    );
  }
  const of: Omit<EstimateOptions, 'batch' | 'accumulation'> = {
    halfActivations: config.activationBits === 16,
    optimizer: config.optimizer.kind,
    trainable: config.trainable,
    frozenPrefix: config.frozenPrefix ?? undefined,
    batchNorm: config.batchNorm,
    averages: config.emaDecay !== null,
    device,
  };
  if (!budget || config.microBatch !== null) {
    const microBatch = Math.min(config.microBatch ?? batch, batch);
    const accumulation = Math.ceil(batch / microBatch);
    const recompute = config.recompute !== null;
    const streamed = config.gradients !== null;
    const estimate = estimateMemory(network, { ...of, batch: microBatch, accumulation, recompute, streamed });
    return {
      ...(budget ? { budget } : {}),
      microBatch,
      recompute,
      gradients: config.gradients,
      estimate,
      messages: warningsOf(estimate, budget ?? memoryBudget({ device })),
    };
  }
  const { microBatch, accumulationSteps, recompute, streamed, slowdown, estimate, warnings } = planWithin(
    budget,
    {
      ...of,
      ...(config.recompute === null ? {} : { recompute: true }),
      ...(config.gradients === null ? {} : { streamed: true }),
      clips: config.clipNorm !== null,
      effectiveBatch: batch,
    },
    network,
    options.loss,
  );
  const message =
    `budget ${formatBytes(budget.bytes)} (${budget.source}): micro-batch ${microBatch}, ` +
    `${accumulationSteps} accumulated${leverWords({ recompute, streamed })}, ` +
    `expected to take ${formatBytes(estimate.need)}${timeWords(slowdown)}`;
  return {
    budget,
    microBatch,
    recompute,
    gradients: streamed ? 'streamed' : null,
    estimate,
    messages: [message, ...warnings],
  };
}

/** The network at the largest input that the training comes to. */
function atLargestInput({ config, detector: { spec, backbone, head } }: TrainingPlanOptions): NetworkShape {
  const size = Math.max(spec.inputSize, ...(config.inputSizes ?? []).map(([pixels]) => pixels));
  const inputShape = [size, size, 3];
  const features = backbone.outputShape(inputShape);
  return { inputShape, describe: () => [...backbone.describe(inputShape), ...head.describe(features)] };
}

/** Plan within a budget. A refusal says why the loss can't be cut, if it can't. */
function planWithin(
  { bytes }: MemoryBudget,
  of: Omit<PlanOptions, 'budget'>,
  network: NetworkShape,
  { name, accumulable, notAccumulable }: LossDescription,
): MemoryPlan {
  try {
    return planBatch(network, { ...of, budget: bytes, accumulable });
  } catch (error) {
    if (accumulable || !(error instanceof UserError)) throw error;
    throw new UserError(
      `memory: ${error.message}; the loss '${name}' cannot be accumulated (${notAccumulable}), so a batch goes through ` +
        'at once: a smaller batchSize takes less',
    );
  }
}

/**
 * The budget of a caller, else that of the environment, else none.
 *
 * @throws UserError if it is no size.
 */
export function givenBudget(device: Device, memory?: string): MemoryBudget | undefined {
  if (memory !== undefined) {
    return memoryBudget({ given: memory, device });
  }
  const { memory: given } = readEnvironment();
  return given === undefined ? undefined : memoryBudget({ given, device, name: 'YOLOV1_MEMORY' });
}

function warningsOf({ batch, total }: MemoryEstimate, { bytes, source }: MemoryBudget): string[] {
  if (total <= bytes) {
    return [];
  }
  return [
    `${counted(batch, 'picture at once needs', 'pictures at once need')} ${formatBytes(total)}, but there are ${formatBytes(bytes)} (${source}); ` +
      'a smaller microBatch in the configuration takes less',
  ];
}
