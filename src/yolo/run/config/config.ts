import type { Profile } from '../../core/environment';
import { shown, UserError } from '../../core/errors';
import { checkForm } from '../../core/form';
import { type AugmentationSpec, CROP_EXPAND_AUGMENTATION } from '../../data/augment/augment';
import type { DetectorSpec } from '../../model/detector';
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
  profile: Profile;
  /** Lists that are trained on, such as `VOC2012/train`. */
  train: readonly string[];
  /** Lists that are evaluated on, pooled for the headline. */
  evaluate: readonly string[];
  /** Only the first pictures of each year; null takes all. Default null. */
  limit: number | null;
  /**
   * Class names in the order that numbers them, instead of those that the years' folders name. Null: the folders' own.
   * Default null.
   */
  classes: readonly string[] | null;
  /**
   * Share of the pictures of `train` that is not trained on but decides: evaluated after the epochs of `evaluateAfter`
   * and the last one, in place of the lists of `evaluate`, it says which epoch's network counts and which score cut
   * belongs to it. The lists of `evaluate` are then evaluated once, at the end. Null: none. Default null.
   */
  heldOut: number | null;
  /** Evaluations of the held-out part in a row without a better mAP that end the training; null: none do. Default null. */
  patience: number | null;
  model: Omit<DetectorSpec, 'classes'>;
  /** File in the weights folder, or `random` for seeded random weights. Default `resnet18.safetensors`. */
  backboneWeights: string;
  /**
   * `head`: no weight of the backbone is trained; its features are computed once, unless its BatchNorm takes `batch`
   * statistics. `all`: everything is trained. Default `head`.
   */
  trainable: 'head' | 'all';
  /**
   * Last layer of the backbone that stays as it is where everything else is trained, such as `layer1` of ResNet18 (stem
   * and first stage) or `layer4` (all of it, on augmented pictures). Null: none. Default null.
   */
  frozenPrefix: string | null;
  /**
   * The backbone's BatchNorm in training: `batch` statistics, `frozen` running statistics with trained scale and shift,
   * or `constant`, where these stay as well. Without a trained backbone `batch` still takes the statistics of the batch
   * and moves the running ones; scale and shift stay. Default `constant`.
   */
  batchNorm: 'batch' | 'frozen' | 'constant';
  /**
   * Running statistics of the network that counts, where training moved the backbone's (`batchNorm: 'batch'`): `restored`
   * to those that the backbone began with, or `reestimated` over the training pictures as they are, at the final weights
   * and in batches of `batchSize`, the head's as well (Wu and Johnson 2021, 2105.07576, section 3). Null: as training
   * left them. Default null.
   */
  finalStatistics: 'restored' | 'reestimated' | null;
  loss: LossConfig;
  /**
   * Initial bias of every confidence output; default 0. Behind a sigmoid, -4 starts at a confidence of .018, near the
   * share of cells that hold an object.
   */
  confidenceBias: number;
  /** Default AdamW with weight decay .05. */
  optimizer: OptimizerSpec;
  /** Base learning rate of the head; the schedule multiplies it. Default 1.5e-3. */
  learningRate: number;
  /** Base learning rate of the backbone where it is trained. Default 1.5e-4. */
  backboneLearningRate: number;
  /** Default one cycle that rises over the first 15 %. */
  schedule: Schedule;
  /** Steps of linear warm-up before the schedule. Default 0. */
  warmUpSteps: number;
  /** The same in epochs, instead. Default null. */
  warmUpEpochs: number | null;
  epochs: number;
  /**
   * Side of the input by epoch where the whole network is trained, as `[pixels, epochs]` pairs; evaluated is always at
   * `model.inputSize`. Null: that in every epoch. Default null.
   */
  inputSizes: InputSizes | null;
  /** Pictures an update. Default 16. */
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
   * `streamed`: each parameter is updated as soon as its gradient has been computed, so that gradients don't take memory
   * beside each other; it saves memory on native TensorFlow, where updates need no copies. Gradients that are clipped
   * take the passes twice, first for their norm. Null: all gradients
   * first, unless a given budget asks for it. Default null.
   */
  gradients: 'streamed' | null;
  /**
   * Bits of a number that is kept for the backward pass, on native TensorFlow: with 16 they take half the memory, and
   * gradients are off by less than 1 %. Null: 32. Default null.
   */
  activationBits: 16 | null;
  /** Largest global gradient norm; null does not clip. Default 10. */
  clipNorm: number | null;
  /** Decay of the averaged weights, which are then what is evaluated; null evaluates the trained ones. Default .998. */
  emaDecay: number | null;
  /** Views of a training picture whose features are kept; one is drawn in each epoch. Default the plain picture. */
  views: ViewsConfig;
  /** How training pictures are changed where the whole network is trained. Default crop, expand, flip and colours. */
  augmentation: AugmentationSpec;
  /** Last epochs in which no mosaic is made. Null: none. Default null. */
  mosaicFreeEpochs: number | null;
  /** Epochs after which the model is evaluated, 0 for before the first step; the last one always is. Default none. */
  evaluateAfter: readonly number[];
  /**
   * The norm of each loss part's gradient with respect to the network's outputs is recorded at every n-th step; null
   * records none. Default null.
   */
  gradientNormsEvery: number | null;
  /**
   * Name of another run whose trained head this one starts from; its record and its run directory lie beside this
   * run's. Null: a seeded random head. Default null.
   */
  initialHead: string | null;
  /**
   * The same of the whole network, so that it is trained on: its weights go on, while schedule, moments and averages
   * begin anew. Default null.
   */
  initialNetwork: string | null;
  /** Default 0. */
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

/** The fields that a configuration must give, and those that it may. */
export type ExperimentOverrides = Pick<ExperimentConfig, (typeof REQUIRED)[number]> &
  Partial<ExperimentConfig>;

/**
 * Overrides over the defaults.
 *
 * @throws UserError that names all faults at once: unknown fields (with the nearest known name), missing ones, values of
 * another type, out of range or that don't go together, nested ones too.
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
