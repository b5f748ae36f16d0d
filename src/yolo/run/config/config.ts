import type { Profile } from '../../core/environment';
import { shown, UserError } from '../../core/errors';
import { checkForm } from '../../core/form';
import { type AugmentationSpec, CROP_EXPAND_AUGMENTATION } from '../../data/augment/augment';
import type { DetectorSpec } from '../../model/detectorSpec';
import type { OptimizerSpec } from '../../train/optimizerSpec';
import type { Schedule } from '../../train/schedule';
import { checkTogether } from './checkTogether';
import { CONFIG_FORM } from './configForm';
import type { InputSizes } from './inputSizes';
import type { LossConfig } from './lossConfig';
import { PLAIN_VIEW, type ViewsConfig } from './views';

/**
 * Everything that decides a run's outcome, apart from data and weights. Plain data: it is stored with the run and
 * its hash is part of the run's key.
 */
export interface ExperimentConfig {
  /** Name of the run and of its record's folder: letters, digits, dot, dash and underscore. */
  name: string;
  /** Scale of the run, a label in its record: `smoke`, `short`, `mini` or `full`. Training does not depend on it. */
  profile: Profile;
  /** Id lists that are trained on: year folder and list, such as `VOC2012/train`. */
  train: readonly string[];
  /** Id lists that are evaluated on, pooled for the headline; none of `train` may be among them. */
  evaluate: readonly string[];
  /**
   * Largest number of pictures that are taken of each year, the first ones, for training and for evaluation each. Null:
   * all. Default null.
   */
  limit: number | null;
  /**
   * Class names in the order that numbers them, instead of those that the years' folders name. Null: the folders' own.
   * Default null.
   */
  classes: readonly string[] | null;
  /**
   * Share of the pictures of `train`, above 0 and below 1, that is held out: not trained on, but evaluated after the
   * epochs of `evaluateAfter` and the last one, in place of the lists of `evaluate`. It decides which epoch's network
   * counts and from which score on its detections are shown. The lists of `evaluate` are then evaluated once, at the
   * end. Null: none. Default null.
   */
  heldOut: number | null;
  /**
   * Evaluations in a row without a better mAP that end a training with `heldOut`. Null: none do. Default null.
   */
  patience: number | null;
  /** The network, all but its classes, which come with the data. */
  model: Omit<DetectorSpec, 'classes'>;
  /**
   * File in the weights folder, or `random` for seeded random weights, which a missing file gives as well, with a line
   * on stderr. Default `resnet18.safetensors`.
   */
  backboneWeights: string;
  /**
   * `head`: no weight of the backbone is trained; its features are computed once, unless its BatchNorm takes `batch`
   * statistics. `all`: everything is trained. Default `head`.
   */
  trainable: 'head' | 'all';
  /**
   * Last of the backbone's layers that stay as they are where everything else is trained, such as `layer1` of ResNet18
   * (stem and first stage) or `layer4` (all of it, on augmented pictures). Null: none stays. Default null.
   */
  frozenPrefix: string | null;
  /**
   * The backbone's BatchNorm in training: `batch` statistics, `frozen` running statistics with trained scale and shift,
   * or `constant`, where these stay as well. Without a trained backbone `batch` still takes the statistics of the batch
   * and moves the running ones; scale and shift stay. Default `constant`.
   */
  batchNorm: 'batch' | 'frozen' | 'constant';
  /**
   * Running statistics of the network that counts, where training moved the backbone's (`batchNorm: 'batch'`):
   * `restored` to those that the backbone began with, or `reestimated` over the training pictures as they are, at the
   * final weights and in batches of `batchSize`, the head's as well (Wu and Johnson 2021, 2105.07576, section 3). Null:
   * as training left them. Default null.
   */
  finalStatistics: 'restored' | 'reestimated' | null;
  /** The loss by its kind and options, such as `{ kind: 'sigmoid' }`. */
  loss: LossConfig;
  /**
   * Initial bias of every confidence output. Behind a sigmoid, -4 starts at a confidence of .018, near the share of
   * cells that hold an object; see `priorBias`. Default 0, the only choice without objectness.
   */
  confidenceBias: number;
  /** Default AdamW with weight decay .05. */
  optimizer: OptimizerSpec;
  /** Base learning rate of the head, which the schedule multiplies. Default 1.5e-3. */
  learningRate: number;
  /** Base learning rate of the backbone where it is trained, which the schedule multiplies. Default 1.5e-4. */
  backboneLearningRate: number;
  /** Default one cycle that rises over the first 15 %. */
  schedule: Schedule;
  /**
   * First steps over which the rates rise linearly to the base rates, in place of the schedule's; it then goes
   * on where it would be without them. Default 0.
   */
  warmUpSteps: number;
  /** The warm-up's length in epochs, in place of `warmUpSteps`. Null: as `warmUpSteps` says. Default null. */
  warmUpEpochs: number | null;
  /** Passes over the training pictures. */
  epochs: number;
  /**
   * Side of the input by epoch where the whole network is trained, as `[pixels, epochs]` pairs whose epochs add up to
   * `epochs`: multiples of the backbone's stride, under any but a fully connected head. An evaluation always takes
   * `model.inputSize`. Null: so does every epoch. Default null.
   */
  inputSizes: InputSizes | null;
  /**
   * Pictures an update, or all of them where there are fewer; a last batch that is not full is left out. Default 16.
   */
  batchSize: number;
  /**
   * Pictures that go through the network at once, where fewer than `batchSize`: their gradients are added, which takes
   * less memory. The updates are the same, except where BatchNorm takes statistics, which are then of these pictures
   * only. Null: all at once. Default null.
   */
  microBatch: number | null;
  /**
   * `backbone`: its layers keep no activations where they are trained, and are run again in the backward pass: less
   * memory for a third more time, the same gradients. Null: nothing is run again, unless a given budget asks for it.
   * Default null.
   */
  recompute: 'backbone' | null;
  /**
   * `streamed`: each parameter is updated as soon as its gradient has been computed, so that gradients don't take
   * memory beside each other; it saves memory on native TensorFlow, where updates need no copies. Gradients that are
   * clipped take the passes twice, first for their norm. Null: all gradients first, unless a given budget asks for it.
   * Default null.
   */
  gradients: 'streamed' | null;
  /**
   * Bits of a number that is kept for the backward pass, on native TensorFlow: with 16 they take half the memory, and
   * gradients are off by less than 1 %. Null: 32. Default null.
   */
  activationBits: 16 | null;
  /** Largest norm of all gradients together, beyond which they are scaled down to it. Null: never. Default 10. */
  clipNorm: number | null;
  /**
   * Decay of the moving average of the weights, `(1 + n) / (10 + n)` while that is less after n updates. The averages
   * are what is evaluated and kept. Null: the trained weights are. Default .998.
   */
  emaDecay: number | null;
  /**
   * Views of a training picture whose features are kept where the backbone is not trained; one is drawn in each epoch.
   * `crops` is the number of random crops besides the whole picture, `flip` adds the mirror image of each view. Default
   * `{ flip: false, crops: 0 }`, the whole picture.
   */
  views: ViewsConfig;
  /** How training pictures are changed where features are not kept. Default `CROP_EXPAND_AUGMENTATION`. */
  augmentation: AugmentationSpec;
  /** Last epochs in which no mosaic is made. Null: none. Default null. */
  mosaicFreeEpochs: number | null;
  /** Epochs after which the model is evaluated, 0 for before the first step; the last one always is. Default none. */
  evaluateAfter: readonly number[];
  /**
   * The norm of each loss part's gradient with respect to the network's outputs is recorded at the first step and then
   * at every n-th. Null: never. Default null.
   */
  gradientNormsEvery: number | null;
  /**
   * Name of another run whose trained head this one starts from; its record lies in `results` and its network in
   * `workdir`, as this run's will. Null: a seeded random head. Default null.
   */
  initialHead: string | null;
  /**
   * Name of another run, as for `initialHead`, whose whole network is trained on: its weights go on, while schedule,
   * moments and averages begin anew. Null: none. Default null.
   */
  initialNetwork: string | null;
  /** Seed of initial weights, order, augmentation, views and dropout: a whole number from 0. Default 0. */
  seed: number;
}

/** Every field that may be left out. */
export const DEFAULTS = {
  limit: null,
  classes: null,
  heldOut: null,
  patience: null,
  backboneWeights: 'resnet18.safetensors',
  trainable: 'head',
  frozenPrefix: null,
  batchNorm: 'constant',
  finalStatistics: null,
  confidenceBias: 0,
  optimizer: { kind: 'adamw', weightDecay: 0.05 },
  learningRate: 1.5e-3,
  backboneLearningRate: 1.5e-4,
  schedule: { kind: 'oneCycle', rise: 0.15 },
  warmUpSteps: 0,
  warmUpEpochs: null,
  inputSizes: null,
  batchSize: 16,
  microBatch: null,
  recompute: null,
  gradients: null,
  activationBits: null,
  clipNorm: 10,
  emaDecay: 0.998,
  views: PLAIN_VIEW,
  augmentation: CROP_EXPAND_AUGMENTATION,
  mosaicFreeEpochs: null,
  evaluateAfter: [],
  gradientNormsEvery: null,
  initialHead: null,
  initialNetwork: null,
  seed: 0,
} satisfies Partial<ExperimentConfig>;

/** Fields without a default. */
const REQUIRED = ['name', 'profile', 'train', 'evaluate', 'model', 'loss', 'epochs'] as const;

/** What a configuration gives: the fields without a default, and any of the others. */
export type ExperimentOverrides = Pick<ExperimentConfig, (typeof REQUIRED)[number]> &
  Partial<ExperimentConfig>;

/**
 * Fills in the defaults of a configuration and checks all of it.
 *
 * @param overrides - A field that is undefined counts as left out.
 * @returns A configuration with every field.
 * @throws UserError that names all faults at once: unknown fields (with the nearest known name), missing ones, values
 * of another type, out of range or that don't go together, nested ones too.
 */
export function resolveConfig(overrides: ExperimentOverrides): ExperimentConfig {
  const isObject = typeof overrides === 'object' && overrides !== null && !Array.isArray(overrides);
  if (!isObject) throw new UserError(`config: is ${shown(overrides)}, expected an object of fields`);
  const given = Object.entries(overrides).filter(([, value]) => value !== undefined);
  const config: ExperimentConfig = { ...DEFAULTS, ...(Object.fromEntries(given) as ExperimentOverrides) };
  checkForm(CONFIG_FORM, config, 'config');
  checkTogether(config);
  return config;
}
