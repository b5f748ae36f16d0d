import type * as tf from '@tensorflow/tfjs';
import type { Detector, Predictions } from '../model/detector';
import type { ForwardContext } from '../model/layers/layer';
import type { NamedTensors } from '../model/weights/weights';
import type { ParameterGroup } from '../train/optimizer';
import type { ExperimentConfig } from './config/config';
import { cachesFeatures } from './pictures/features';

/** The part of a detector that is trained, and the pass through it. */
export interface TrainedPart {
  /** Parameters and statistics, which averages and checkpoints follow. */
  network: NamedTensors;
  groups: ParameterGroup[];
  /** Takes pictures where the whole network is trained, else the backbone's features. */
  forward(inputs: tf.Tensor4D, context: ForwardContext): Predictions;
}

/** The fields of a configuration that decide on the part. */
export type TrainedPartConfig = Pick<
  ExperimentConfig,
  'trainable' | 'batchNorm' | 'frozenPrefix' | 'learningRate' | 'backboneLearningRate'
>;

/** Set a detector up for the training of a configuration: its part, the modes of its BatchNorms, its frozen layers. */
export function trainedPart(detector: Detector, config: TrainedPartConfig): TrainedPart {
  const { trainable, batchNorm, frozenPrefix, learningRate, backboneLearningRate } = config;
  const head = { parameters: detector.head.parameters(), learningRate };
  const ofHead = {
    groups: [head],
    forward: (inputs: tf.Tensor4D, context: ForwardContext) => detector.predictFromFeatures(inputs, context),
  };
  if (cachesFeatures(config)) return { network: detector.head, ...ofHead };
  detector.setBatchNormMode('backbone', batchNorm === 'batch' ? 'batch' : 'frozen', batchNorm !== 'constant');
  if (frozenPrefix !== null) detector.freezePrefix(frozenPrefix);
  const { trained } = detector.backbone;
  const network = {
    parameters: () => [...trained.parameters(), ...detector.head.parameters()],
    statistics: () => [...trained.statistics(), ...detector.head.statistics()],
  };
  if (trainable === 'head') return { network, ...ofHead };
  const parameters = trained.parameters().filter(({ kind }) => batchNorm !== 'constant' || kind !== 'norm');
  return {
    network,
    groups: [{ parameters, learningRate: backboneLearningRate }, head],
    forward: (inputs, context) => detector.forward(inputs, context),
  };
}
