import { type Command, InvalidArgumentError, Option } from 'commander';
import { counted } from '../../core/counted';
import { messageOf, UserError } from '../../core/errors';
import { textTable } from '../../core/textTable';
import { type MemoryBudget, memoryBudget } from '../../memory/budget';
import { formatBytes } from '../../memory/bytes';
import { calibrationErrors, readCalibration } from '../../memory/calibration';
import { type EstimateOptions, estimateMemory, type MemoryEstimate } from '../../memory/estimate/estimate';
import { formatEstimate, formatLayers } from '../../memory/estimate/estimateTable';
import { MOMENTS } from '../../memory/estimate/tensorNumbers';
import { gpuMemory } from '../../memory/measure/nvidiaSmi';
import { leverWords, type MemoryPlan, MOST_PICTURES, planBatch, timeWords } from '../../memory/plan';
import { BACKBONE_STRIDE } from '../../model/checkSpec';
import { describeBackend } from '../../tensor/describeBackend';
import { CALIBRATION_CASES, calibrate, writeCalibration } from './memoryCalibration';
import { HEAD_NAMES, HEADS, type HeadName, headParameters, networkOf } from './memoryNetworks';

/** Where the measurements that the estimate is held against are kept. */
const RECORD = 'report/bench/memory.json';

interface MemoryFlags {
  budget?: string;
  batch: number;
  backbone: 'resnet18' | 'baseline';
  head: HeadName;
  input: number;
  optimizer: EstimateOptions['optimizer'];
  trainable: EstimateOptions['trainable'];
  batchNorm: EstimateOptions['batchNorm'];
  averages: boolean;
  device?: EstimateOptions['device'];
  layers?: boolean;
  json?: boolean;
}

/** What `yolov1 memory` answers. */
export interface MemoryAnswer {
  budget: MemoryBudget;
  batch: number;
  /** The whole batch at once. */
  whole: MemoryEstimate;
  /** How to train within the budget, or why that cannot be. */
  plan: MemoryPlan | { refused: string };
  heads: HeadCost[];
}

/** What a head costs on the same backbone. Sizes in bytes. */
export interface HeadCost {
  head: HeadName;
  parameters: number;
  fullyConnected: number;
  /** Its weights, their gradients and the optimizer's slots. */
  standing: number;
  /** Need of a training, margin included, with single pictures and with the whole batch at once. */
  single: number;
  whole: number;
  /** Largest micro-batch that fits the budget; absent where none does. */
  microBatch?: number;
}

/** Adds `yolov1 memory`: what a training takes, and how to cut the batch so that it fits; `calibrate` measures. */
export function addMemoryCommand(program: Command): void {
  const memory = program
    .command('memory')
    .description("what a training takes, and the micro-batch that fits; by default the original's")
    .option('--budget <size>', 'memory that may be used, such as 6GB (default: what this machine has)')
    .option('--batch <pictures>', 'pictures an update', parseCount, 16)
    .addOption(new Option('--backbone <name>').choices(['baseline', 'resnet18']).default('baseline'))
    .addOption(new Option('--head <name>').choices(HEADS).default('fullyConnected'))
    .option('--input <pixels>', 'side of the input', parseCount, 448)
    .addOption(new Option('--optimizer <rule>').choices(['sgd', 'adam', 'adamw']).default('adam'))
    .addOption(new Option('--trainable <part>').choices(['head', 'all']).default('all'))
    .addOption(
      new Option('--batch-norm <mode>', "the backbone's, in training")
        .choices(['batch', 'frozen', 'constant'])
        .default('batch'),
    )
    .option('--averages', 'keep a moving average of the weights', false)
    .addOption(
      new Option(
        '--device <kind>',
        'where it will run (default: cuda where there is a GPU, else cpu)',
      ).choices(['cpu', 'cuda', 'wasm']),
    )
    .option('--layers', 'add what each layer keeps for the backward pass')
    .option('--json', 'the same as JSON')
    .action((flags: MemoryFlags) => {
      const answer = ask(flags);
      memory
        .configureOutput()
        .writeOut?.(flags.json ? `${JSON.stringify(answer, null, 2)}\n` : describe(answer, flags));
    });
  memory
    .command('calibrate')
    .description(
      'measure trainings of both networks, each in a process of its own, and hold the estimate against them',
    )
    .option('--out <file>', 'where the measurements go', RECORD)
    .option('--largest <pictures>', 'leave larger batches out; 16 at 448 pixels take 4 GB', parseCount, 16)
    .option('--check', 'measure nothing, compare with the measurements in the file')
    .action(async ({ out, largest, check }: { out: string; largest: number; check?: boolean }) => {
      const write = memory.configureOutput().writeOut!;
      if (!check) {
        const cases = CALIBRATION_CASES.filter(({ batch }) => batch <= largest);
        let done = 0;
        const record = await calibrate(cases, ({ backbone, inputSize, batch, baseline, peak }) => {
          done += 1;
          process.stderr.write(
            `${done}/${cases.length} ${backbone} ${inputSize} batch ${batch}: ${formatBytes(peak - baseline)}\n`,
          );
        });
        await writeCalibration(out, record);
      }
      write(describeCalibration(out));
    });
}

/** Answer the question that the flags ask. */
export function ask(flags: MemoryFlags): MemoryAnswer {
  const { backbone, head, input, batch, trainable } = flags;
  const device = flags.device ?? (gpuMemory() ? 'cuda' : 'cpu');
  const budget = memoryBudget({ given: flags.budget, device });
  const options = { ...flags, device };
  const plan = (network: ReturnType<typeof networkOf>) =>
    planBatch(network, { ...options, budget: budget.bytes, effectiveBatch: batch });
  const asked = shapeOf(backbone, head, input);
  return {
    budget,
    batch,
    whole: estimateMemory(asked, options),
    plan: orRefusal(() => plan(asked)),
    heads: HEADS.map((name): HeadCost => {
      const network = shapeOf(backbone, name, input);
      const { all, fullyConnected } = headParameters(network);
      const planned = orRefusal(() => plan(network));
      return {
        head: name,
        parameters: all,
        fullyConnected,
        standing: 4 * all * (2 + MOMENTS[flags.optimizer].length),
        single: estimateMemory(network, { ...options, trainable, batch: 1, accumulation: batch }).total,
        whole: estimateMemory(network, options).total,
        ...('microBatch' in planned ? { microBatch: planned.microBatch } : {}),
      };
    }),
  };
}

/** An input that the network can't take is the user's mistake. */
function shapeOf(backbone: MemoryFlags['backbone'], head: HeadName, input: number) {
  const stride = BACKBONE_STRIDE[backbone];
  if (input % stride !== 0 && head === 'convolutional') {
    throw new UserError(`--input is ${input}, expected a multiple of ${stride} for ${backbone}`);
  }
  return networkOf(backbone, head, input);
}

function orRefusal<T>(compute: () => T): T | { refused: string } {
  try {
    return compute();
  } catch (error) {
    if (error instanceof UserError) {
      return { refused: messageOf(error) };
    }
    throw error;
  }
}

function describe(answer: MemoryAnswer, flags: MemoryFlags): string {
  const { budget, batch, whole, plan, heads } = answer;
  const { backbone, head, input, optimizer, trainable, batchNorm } = flags;
  const millions = (count: number) => `${(count / 1e6).toFixed(1)} M`;
  const limit = `${formatBytes(budget.bytes)} (${budget.source})`;
  const fits = whole.total <= budget.bytes;
  const lines = [
    `${backbone} with the ${HEAD_NAMES[head]} head at ${input} pixels: ${millions(whole.parameters)} parameters, ` +
      `${millions(whole.trainedParameters)} trained`,
    `${optimizer}, trained: ${trainable}, BatchNorm: ${batchNorm}, on ${whole.device}, float32`,
    '',
    `Batch ${batch} at once needs ${formatBytes(whole.total)}: it ${fits ? 'fits' : 'does not fit'} ${limit}.`,
    ...('refused' in plan
      ? [`Nothing fits: ${plan.refused}`]
      : [
          `Plan: micro-batch ${plan.microBatch}, ${plan.accumulationSteps} accumulated` +
            `${leverWords(plan)}: ` +
            `${formatBytes(plan.estimate.total)}${timeWords(plan.slowdown)}`,
          ...plan.warnings.map((warning) => `Warning: ${warning}`),
        ]),
    '',
    formatEstimate('refused' in plan ? whole : plan.estimate),
    ...(flags.layers ? ['', formatLayers('refused' in plan ? whole : plan.estimate)] : []),
    '',
    `Heads on this backbone, trained alike (weights, gradients and ${optimizer}'s slots of the head alone):`,
    ...textTable([
      ['head', 'parameters', 'in dense layers', 'weights etc.', 'micro-batch 1', `batch ${batch}`, 'fits'],
      ...heads.map((cost) => [
        HEAD_NAMES[cost.head],
        millions(cost.parameters),
        millions(cost.fullyConnected),
        formatBytes(cost.standing),
        formatBytes(cost.single),
        formatBytes(cost.whole),
        cost.microBatch === undefined ? 'nothing' : `micro-batch ${cost.microBatch}`,
      ]),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

function describeCalibration(file: string): string {
  const record = readCalibration(file);
  const errors = calibrationErrors(record);
  const rows = errors.map(({ point, measured, estimated, error }) => [
    point.backbone,
    `${point.head}, ${point.optimizer}, BatchNorm ${point.batchNorm}${point.averages ? ', averages' : ''}`,
    String(point.inputSize),
    String(point.batch),
    formatBytes(measured),
    formatBytes(estimated),
    `${(error * 100).toFixed(1)} %`,
  ]);
  const worst = Math.max(...errors.map(({ error }) => Math.abs(error)));
  return (
    `Above the loaded model; ${describeBackend(record.backend)}, ${counted(record.backend.cores, 'core')}, ${record.measured.slice(0, 10)}\n\n` +
    `${textTable([['backbone', 'training', 'input', 'batch', 'measured', 'estimated', 'error'], ...rows], 2).join('\n')}\n\n` +
    `Largest error: ${(worst * 100).toFixed(1)} %\n`
  );
}

function parseCount(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0 && value <= MOST_PICTURES) {
    return value;
  }
  throw new InvalidArgumentError(`Expected a whole number above 0, at most ${MOST_PICTURES}.`);
}
