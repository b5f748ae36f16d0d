import * as v from 'valibot';
import { COUNT, checkArguments, FLAG, FUNCTION, NUMBERS, record, TEXT } from '../../core/arguments';
import { oneOf } from '../../core/form';
import { DEVICES, type Device, type DeviceMemory } from '../devices';
import { PARTS, type Part, PHASES, type Phase, type PhaseMemory } from '../phases';
import { layerCostsOf, type NetworkShape, type TrainingScope } from './layerCosts';
import { keptBetweenPasses } from './passPeaks';
import { type TensorNumbers, tensorNumbers } from './tensorNumbers';

/** An optimizer's kind; see `OptimizerSpec`. */
export type UpdateRule = 'sgd' | 'adam' | 'adamw';

/** The training whose memory is estimated. */
export interface EstimateOptions extends TrainingScope {
  /** Pictures that go through the network at once: the micro-batch. */
  batch: number;
  /** Micro-batches whose gradients are added before an update. Default 1. */
  accumulation?: number;
  /** Update rule, by which moments are kept: one number a trained parameter of `sgd`, two of the others. */
  optimizer: UpdateRule;
  /** True if an exponential moving average of the weights is kept. Default false. */
  averages?: boolean;
  /** True if each parameter is updated as soon as its gradient has been computed. Default false. */
  streamed?: boolean;
  /** Device that it runs on. Default `cpu`. */
  device?: Device;
}

/** One line of the table by layer. */
export interface LayerMemory {
  /** Dotted name of its first operation. */
  name: string;
  /** PyTorch's names of its operations, such as `Conv2d + BatchNorm2d + LeakyReLU`. */
  type: string;
  /** Number of trainable scalars. */
  parameters: number;
  /** True if the training changes them. */
  trained: boolean;
  /** Bytes kept from the forward to the backward pass by the whole micro-batch. */
  kept: number;
}

/** Answer of {@link estimateMemory}; sizes in bytes. */
export interface MemoryEstimate {
  /** Device that it is for. */
  device: Device;
  /** True if the device's constants were fitted to measurements; if not, the answer is only an estimate. */
  measured: boolean;
  /** Pictures that go through the network at once. */
  batch: number;
  /** Micro-batches whose gradients are added before an update. */
  accumulation: number;
  /** What each phase takes, by part. */
  phases: Readonly<Record<Phase, PhaseMemory>>;
  /** The phase that needs the most. */
  worst: Phase;
  /** Memory of the program with the model loaded and nothing else. */
  baseline: number;
  /** Highest need of any phase. */
  need: number;
  /** Added because an estimate is not exact: 15 % of what the need is above the baseline. */
  margin: number;
  /** Need and margin, which a budget must hold. */
  total: number;
  /** Number of trainable scalars of the network. */
  parameters: number;
  /** Number of those that are trained. */
  trainedParameters: number;
  /** What each layer keeps for the backward pass. */
  layers: readonly LayerMemory[];
}

/** Bytes of a float32. */
const FLOAT = 4;

/** Parts that come and go within a step, and so go through the allocator's pool. */
const TRANSIENT = ['gradients', 'activations', 'workspace'] as const;

/**
 * Margin as a share of the memory on top of the loaded model. Trainings of the calibrations took at most 14 % more than
 * estimated, on a processor and on a GPU.
 */
export const MARGIN = 0.15;

/** A `Detector`, or rows with the shape of a picture. */
export const NETWORK = record('a network', { inputShape: NUMBERS, describe: FUNCTION });
const FLAG_OR_NONE = v.optional(FLAG);
/** What does not depend on the batch. */
export const SCOPE = {
  trainable: oneOf(['head', 'all']),
  batchNorm: oneOf(['batch', 'frozen', 'constant']),
  optimizer: oneOf(['sgd', 'adam', 'adamw']),
  frozenPrefix: v.optional(TEXT),
  ...{
    recompute: FLAG_OR_NONE,
    halfActivations: FLAG_OR_NONE,
    averages: FLAG_OR_NONE,
    streamed: FLAG_OR_NONE,
  },
  device: v.optional(oneOf(Object.keys(DEVICES))),
};
const ARGUMENTS = {
  network: NETWORK,
  options: record('an object of options', { batch: COUNT, accumulation: v.optional(COUNT), ...SCOPE }),
};

/**
 * Estimates the memory of a training from the network's shape alone: no variable is made, so a head of 250 M parameters
 * can be asked about on any machine.
 *
 * @param network - A `Detector`, or rows with the shape of a picture.
 * @param options - What is trained, in which batches, and by which rule.
 * @throws UserError for anything but a network, or an option of another kind.
 */
export function estimateMemory(network: NetworkShape, options: EstimateOptions): MemoryEstimate {
  checkArguments('estimateMemory', { network, options }, ARGUMENTS);
  const { batch, accumulation = 1, device = 'cpu' } = options;
  const layers = layerCostsOf(network, options);
  const phases = bytesByPhase(tensorNumbers(network, layers, options), DEVICES[device]);
  const worst = PHASES.reduce((most, phase) => (phases[phase].total > phases[most].total ? phase : most));
  const baseline = phases.load.total;
  const need = phases[worst].total;
  const margin = MARGIN * (need - baseline);
  return {
    device,
    measured: DEVICES[device].measured,
    batch,
    accumulation,
    phases,
    worst,
    baseline,
    need,
    margin,
    total: need + margin,
    parameters: layers.reduce((sum, { parameters }) => sum + parameters, 0),
    trainedParameters: layers.reduce((sum, { trainedParameters }) => sum + trainedParameters, 0),
    layers: layers.map(({ name, type, parameters, trained }, index) => ({
      name,
      type,
      parameters,
      trained,
      kept: FLOAT * keptBetweenPasses(layers, index) * batch,
    })),
  };
}

/** Tensors in bytes, with what the device takes besides. */
function bytesByPhase(
  numbers: TensorNumbers,
  { runtime, firstStep, perByte }: DeviceMemory,
): Record<Phase, PhaseMemory> {
  const entries = PHASES.map((phase) => {
    const bytes: Partial<Record<Part, number>> = Object.fromEntries(
      PARTS.map((part) => [part, FLOAT * (numbers[phase][part] ?? 0)]),
    );
    const sumOf = (parts: readonly Part[]) => parts.reduce((total, part) => total + bytes[part]!, 0);
    const tensors = sumOf(PARTS);
    const allocator = phase === 'load' ? 0 : firstStep + (perByte - 1) * sumOf(TRANSIENT);
    return [phase, { ...bytes, runtime, allocator, total: runtime + tensors + allocator }];
  });
  return Object.fromEntries(entries);
}
