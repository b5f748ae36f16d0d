import { type ExperimentOverrides, type ExperimentResult, resolveConfig } from 'yolov1';
import { counted } from 'yolov1/form';
import { type TableCell, table } from '../../notebook/table';
import { evaluationRules } from './rules';

/** What must be equal before two numbers can be compared. */
export interface Setup {
  data: string;
  network: string;
  loss: string;
  optimizer: string;
  updates: string;
  evaluation: string;
}

const ITS_DATA = 'VOC2012 train: 5,717 pictures, stretched to 448 x 448; val: 5,823';
const ITS_HEAD = 'head of two convolutions and 27 M fully connected parameters';
const ITS_LOSS = 'its code: lambda_coord .5, gradient through the IoU, sums over the batch';
const ITS_EVALUATION = 'its own: scores above .4, one box a cell, truth read back from the grid';
const common = {
  data: ITS_DATA,
  updates: '35,700 (100 epochs, 16 pictures each)',
  evaluation: ITS_EVALUATION,
};
const adam = (rate: string) => `Adam ${rate}, weight decay 5e-4, cosine, clip 10`;

/** The original's four experiments as its published code runs them. */
const ORIGINAL: Readonly<Record<1 | 2 | 3 | 4, Setup>> = {
  1: { ...common, network: `small, random weights; ${ITS_HEAD}`, loss: ITS_LOSS, optimizer: adam('1e-4') },
  2: {
    ...common,
    network: `small, random weights; ${ITS_HEAD}`,
    loss: `${ITS_LOSS}; no object: product of two sums, gamma 2`,
    optimizer: adam('1e-4'),
  },
  3: {
    ...common,
    network: `ResNet18, frozen weights, BatchNorm in training mode; ${ITS_HEAD}`,
    loss: ITS_LOSS,
    optimizer: adam('1e-4'),
  },
  4: {
    ...common,
    network: `ResNet18, everything trained, BatchNorm in training mode; ${ITS_HEAD}`,
    loss: ITS_LOSS,
    optimizer: adam('1e-5'),
  },
};

/** What the four experiments of the original's code share, for a configuration. */
export const AS_ORIGINAL = {
  optimizer: { kind: 'adam', weightDecay: 5e-4 },
  learningRate: 1e-4,
  backboneLearningRate: 1e-4,
  schedule: { kind: 'cosine' },
  emaDecay: null,
  augmentation: { fit: 'stretch' },
} as const satisfies Partial<ExperimentOverrides>;

/**
 * An experiment of the original at its own scale, for a graphics card: VOC2012's lists, 448 pixels, 100 epochs.
 *
 * @param experiment - 1 to 4.
 */
export function originalConfig(experiment: keyof typeof ORIGINAL): ExperimentOverrides {
  const scratch = experiment <= 2;
  const product = experiment === 2 ? { confidenceLoss: { kind: 'focalProduct', gamma: 2 } as const } : {};
  return {
    ...AS_ORIGINAL,
    name: `0${experiment}-original-full`,
    profile: 'full',
    train: ['VOC2012/train'],
    evaluate: ['VOC2012/val'],
    model: {
      backbone: scratch ? 'baseline' : 'resnet18',
      head: 'fullyConnected',
      inputSize: 448,
      gridSize: 7,
      predictors: 2,
    },
    loss: { kind: 'writeUp', ...product },
    batchNorm: 'batch',
    epochs: 100,
    ...(experiment === 3 ? {} : { trainable: 'all' }),
    ...(scratch ? { backboneWeights: 'random' } : {}),
    ...(experiment === 4 ? { learningRate: 1e-5, backboneLearningRate: 1e-5 } : {}),
  };
}

/**
 * Shows an experiment of the original beside runs of ours, in two tables: what was done, and the mAP@.5 of the same predictions
 * by the VOC rules, by each deviation of the original's evaluation, and by all of them.
 *
 * @param experiment - 1 to 4; the tables are labelled `setup-1` and `rules-1`.
 * @param given - Runs by their headings; those that are not there are left out.
 */
export function compareWithOriginal(
  experiment: keyof typeof ORIGINAL,
  given: Readonly<Record<string, ExperimentResult | undefined>>,
): void {
  const runs = Object.fromEntries(
    Object.entries(given).flatMap(([title, run]) => (run ? [[title, run]] : [])),
  );
  table(compareSetups(experiment, runs), {
    caption: `The original against ours, experiment ${experiment}.`,
    label: `setup-${experiment}`,
  });
  if (Object.keys(runs).length === 0) return;
  table(evaluationRules(runs), {
    caption:
      'mAP@.5 of the same predictions by the VOC rules, by each deviation of the original, and by all of them.',
    label: `rules-${experiment}`,
  });
}

/**
 * Rows of a table that lays an experiment of the original beside runs of ours: data, network, loss, optimizer, updates and
 * evaluation.
 *
 * @param experiment - 1 to 4.
 * @param runs - By their headings.
 */
export function compareSetups(
  experiment: keyof typeof ORIGINAL,
  runs: Readonly<Record<string, ExperimentResult>>,
): Record<string, TableCell>[] {
  const setups = Object.entries(runs).map(([title, run]) => [title, setupOf(run)] as const);
  return (Object.keys(ORIGINAL[experiment]) as (keyof Setup)[]).map((aspect) => ({
    '': aspect,
    'the original': ORIGINAL[experiment][aspect],
    ...Object.fromEntries(setups.map(([title, setup]) => [title, setup[aspect]])),
  }));
}

/** The library's names in words. */
const SAID: Readonly<Record<string, string>> = {
  baseline: 'small',
  resnet18: 'ResNet18',
  fullyConnected: 'fully connected',
  yolo: "the paper's",
  writeUp: "the original's code",
  sigmoid: 'cross-entropies and overlap',
  taskAligned: 'task-aligned',
};
const said = (name: string) => SAID[name] ?? name;

/** What a run was, in the words of {@link Setup}. */
export function setupOf({ record, metrics, evaluation }: ExperimentResult): Setup {
  const config = resolveConfig(record.config as never);
  const { model, optimizer, schedule, loss } = config;
  const steps = metrics.filter(({ kind }) => kind === 'step').length;
  const { kind, ...options } = loss;
  const changes = Object.entries(options).map(([name, value]) => `${name} ${words(value)}`);
  const norm = config.batchNorm === 'batch' ? 'in training mode' : config.batchNorm;
  const trained = config.trainable === 'all' ? 'everything trained' : 'frozen weights';
  const weights = config.backboneWeights === 'random' ? ', random weights' : '';
  return {
    data: `${config.train.join(', ')}: ${counted(record.data.train.pictures, 'picture')} at ${model.inputSize}; evaluated: ${evaluation.final.pictures}`,
    network: `${said(model.backbone)}${weights}, ${trained}, BatchNorm ${norm}; head ${said(model.head)}, ${model.gridSize} x ${model.gridSize} cells`,
    loss: [said(kind), ...changes].join(', '),
    optimizer: `${optimizer.kind} ${config.learningRate}, weight decay ${optimizer.weightDecay ?? 0}, ${schedule.kind}, clip ${config.clipNorm ?? 'none'}`,
    updates: `${steps} (${counted(config.epochs, 'epoch')}, ${counted(config.batchSize, 'picture')} each)`,
    evaluation: "VOC rules, and the original's beside them",
  };
}

function words(value: unknown): string {
  return typeof value === 'object' && value !== null
    ? Object.entries(value)
        .map(([name, inner]) => (name === 'kind' ? String(inner) : `${name} ${inner}`))
        .join(' ')
    : String(value);
}
