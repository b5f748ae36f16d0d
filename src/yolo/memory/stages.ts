import { UserError } from '../core/errors';
import { countOf, type FeatureShape, type LayerRow } from '../model/layer';

/** What an estimate needs of a network; a `Detector` has it, and no variable is made. */
export interface NetworkShape {
  /** One picture: `[height, width, 3]`. */
  readonly inputShape: FeatureShape;
  /** The operations in order; those of the head have names that begin with `head.`. */
  describe(): LayerRow[];
}

/** What is trained, and how BatchNorm behaves in a trained backbone (a head's always takes the batch's statistics). */
export interface TrainingScope {
  trainable: 'head' | 'all';
  batchNorm: 'batch' | 'frozen' | 'constant';
}

/**
 * One step of the backward pass, in numbers (of 4 bytes each) for one picture: what is alive beside what was kept and
 * the gradients of the weights.
 */
export interface BackwardStep {
  alive: number;
  /** Share of what the stage has kept that is let go of after the step. */
  frees: number;
}

/** An operation of a network with what follows it in place (norm, activation), as the memory sees it. */
export interface Stage {
  name: string;
  type: string;
  /** Whether it is trained. Otherwise it only takes the memory of its parameters. */
  trained: boolean;
  output: FeatureShape;
  /** Numbers of one picture that come in and go out. */
  inputs: number;
  outputs: number;
  /** Numbers, of any batch. */
  parameters: number;
  trainedParameters: number;
  /** Numbers of the largest trained tensor. */
  largestParameter: number;
  statistics: number;
  /** Numbers of each picture that are kept from the forward to the backward pass. */
  kept: number;
  backward: readonly BackwardStep[];
  /** Whether it normalises by statistics of the batch. */
  usesBatchStatistics: boolean;
}

/**
 * The stages of a network, in order.
 *
 * What is kept follows from what each operation in `ops/` saves for its gradient, where each tensor counts once:
 *
 * - a convolution saves its input, which is the result of the stage before;
 * - BatchNorm on batch statistics, or with trained scale and shift, saves the convolution's result;
 * - an activation saves its own result, not its input;
 * - constant BatchNorm is part of the convolution and saves nothing of its own;
 * - GroupNorm is composed of plain operations that together save seven tensors of its size;
 * - an addition saves nothing but the result of the activation after it.
 *
 * @throws UserError for an operation that is unknown here.
 */
export function stagesOf(network: NetworkShape, scope: TrainingScope): Stage[] {
  const rows = network.describe();
  const stages: Stage[] = [];
  let input = network.inputShape;
  let blockInput = input;
  for (let index = 0; index < rows.length; ) {
    const row = rows[index];
    const end = endOfStage(rows, index);
    // A residual block begins with conv1, and its shortcut reads what conv1 reads.
    blockInput = /\.conv1$/.test(row.name) ? input : blockInput;
    const own = isShortcut(row) ? blockInput : input;
    stages.push(makeStage(rows.slice(index, end), countOf(own), scope));
    input = isShortcut(row) ? input : rows[end - 1].output;
    index = end;
  }
  return stages;
}

/** Torchvision's name for the convolution on a residual block's shortcut. */
function isShortcut({ name }: { name: string }): boolean {
  return name.endsWith('.downsample.0');
}

const NORMS = ['BatchNorm2d', 'GroupNorm'];
const ACTIVATIONS = ['ReLU', 'LeakyReLU'];

/** A convolution or addition goes together with the norm and the activation behind it. */
function endOfStage(rows: readonly LayerRow[], start: number): number {
  const follows = (index: number, types: string[]) => types.includes(rows[index]?.type);
  let end = start + 1;
  if (['Conv2d', 'Linear', 'Add'].includes(rows[start].type)) {
    end += follows(end, NORMS) ? 1 : 0;
    end += follows(end, ACTIVATIONS) ? 1 : 0;
  }
  return end;
}

function makeStage(rows: readonly LayerRow[], inputs: number, scope: TrainingScope): Stage {
  const [first] = rows;
  const norm = rows.find(({ type }) => NORMS.includes(type));
  const activated = rows.some(({ type }) => ACTIVATIONS.includes(type));
  const head = first.name.startsWith('head.');
  const trained = head || scope.trainable === 'all';
  const mode = head ? 'batch' : scope.batchNorm;
  const constantNorm = norm?.type === 'BatchNorm2d' && mode === 'constant';
  const outputs = countOf(first.output);
  const weights = first.parameters - (first.parameters > 0 && !norm ? first.output.at(-1)! : 0);
  const sum = (field: 'parameters' | 'statistics') => rows.reduce((total, row) => total + row[field], 0);
  const trainedParameters = trained ? sum('parameters') - (constantNorm ? norm.parameters : 0) : 0;
  const memory = trained
    ? inTraining(first.type, {
        inputs,
        outputs,
        norm: constantNorm ? 'constant' : norm?.type,
        activated,
      })
    : { kept: 0, backward: [] };
  return {
    name: first.name,
    type: rows.map(({ type }) => type).join(' + '),
    trained,
    output: first.output,
    inputs,
    outputs,
    parameters: sum('parameters'),
    trainedParameters,
    largestParameter: trained ? weights : 0,
    statistics: sum('statistics'),
    ...memory,
    usesBatchStatistics: trained && norm?.type === 'BatchNorm2d' && mode === 'batch',
  };
}

interface StageSizes {
  inputs: number;
  outputs: number;
  norm: string | undefined;
  activated: boolean;
}

type StageMemory = Pick<Stage, 'kept' | 'backward'>;

function inTraining(type: string, sizes: StageSizes): StageMemory {
  const { inputs, outputs, activated } = sizes;
  switch (type) {
    case 'Conv2d':
      return convolution(sizes);
    case 'MaxPool2d':
      // Beside its result it keeps the place of each largest value, a byte; its gradient is made padded, then cut.
      return {
        kept: 1.25 * outputs,

        backward: [{ alive: outputs + 2 * inputs, frees: 1.25 * outputs }],
      };
    case 'Add':
      return { kept: outputs, backward: [{ alive: 2 * outputs, frees: outputs }] };
    case 'Linear':
    case 'Dropout':
    case 'Dropout2d': {
      const kept = activated ? 2 * outputs : outputs;
      return { kept, backward: [{ alive: outputs + inputs, frees: kept }] };
    }
    default:
      throw new UserError(
        `memory estimate: operation '${type}' is unknown; add it to src/yolo/memory/stages.ts`,
      );
  }
}

function convolution({ inputs, outputs, norm, activated }: StageSizes): StageMemory {
  const result = activated ? outputs : 0;
  const activation: BackwardStep[] = activated ? [{ alive: 2 * outputs, frees: outputs }] : [];
  // The gradient of its input, and a padded copy of the input for that of the filter.
  const ofConvolution: BackwardStep = { alive: outputs + 2 * inputs, frees: 0 };
  if (norm === 'constant') {
    return {
      kept: result,
      backward: [{ alive: result + outputs + 2 * inputs, frees: result }],
    };
  }
  if (norm === 'BatchNorm2d') {
    const backward = [...activation, { alive: 2 * outputs, frees: outputs }, ofConvolution];
    return { kept: result + outputs, backward };
  }
  if (norm === 'GroupNorm') {
    const kept = GROUP_NORM_KEEPS * outputs;
    // Plain operations let go of nothing before the whole pass is over.
    const made = GROUP_NORM_GRADIENTS * outputs;
    const backward = [...activation, { alive: made, frees: -made }, ofConvolution];
    return { kept: result + kept, backward };
  }
  return { kept: result, backward: [...activation, ofConvolution] };
}

/** Tensors of its input's size that the plain operations of GroupNorm save, and that their gradients make. */
const GROUP_NORM_KEEPS = 7;
const GROUP_NORM_GRADIENTS = 8;
