import { closest } from 'fastest-levenshtein';
import { UserError } from '../errors';
import type { DetectorSpec } from '../model/detector';
import type { OptimizerSpec } from './optimizer';
import type { Schedule } from './schedule';

/**
 * Everything that decides a run's outcome, apart from data and weights. Plain data: it is stored with the run and
 * its hash is part of the run's key.
 */
export interface ExperimentConfig {
  /** Name of the run and of its record's folder: letters, digits, dot, dash and underscore. */
  name: string;
  /** `smoke` (generated scenes), `mini` (a few hundred pictures) or `full` (VOC2012, for a GPU). */
  profile: 'smoke' | 'mini' | 'full';
  /** Lists that are trained on, such as `VOC2012/train`. */
  train: readonly string[];
  /** Lists that are evaluated on, pooled for the headline. */
  evaluate: readonly string[];
  model: Omit<DetectorSpec, 'classes'>;
  /** File in the weights folder, or `random` for seeded random weights. */
  backboneWeights: string;
  loss: LossConfig;
  optimizer: OptimizerSpec;
  /** Base learning rate; the schedule multiplies it. */
  learningRate: number;
  schedule: Schedule;
  /** Steps of linear warm-up before the schedule. */
  warmUpSteps: number;
  epochs: number;
  /** Pictures an update. */
  batchSize: number;
  /** Largest global gradient norm; null does not clip. */
  clipNorm: number | null;
  /** Decay of the averaged weights, which are then what is evaluated; null evaluates the trained ones. */
  emaDecay: number | null;
  /** Views of a training picture whose features are kept; one of them is drawn in each epoch. */
  views: { flip: boolean; crops: number };
  /** Epochs (from 1) after which the model is evaluated; the last one always is. */
  evaluateAfter: readonly number[];
  seed: number;
}

/** The loss by name; its own options stand beside the name. */
export type LossConfig = { kind: 'sigmoid' | 'yolo' } & Record<string, unknown>;
