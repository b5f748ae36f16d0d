/**
 * The front door: an experiment from its configuration to its record, a detector from its folder to boxes.
 *
 * @module yolov1
 */
export type { Profile } from './core/environment';
export { UserError } from './core/errors';
export { Random } from './core/random';
export { type Batch, type Dataset, Loader, loadDataset, VOC_CLASSES } from './data';
export {
  type DetectOptions,
  drawDetections,
  loadDetector,
  type NamedDetection,
  saveDetector,
  TrainedDetector,
} from './detect';
export { evaluateCoco, evaluateVoc } from './eval';
export {
  type DetectionLoss,
  originalLoss,
  priorBias,
  probe,
  sigmoidLoss,
  taskAlignedLoss,
  yoloLoss,
} from './loss';
export { type MemoryPlan, planBatch } from './memory';
export { Detector, type DetectorSpec } from './model';
export type { ExperimentResult } from './record';
export { type ExperimentConfig, type ExperimentOverrides, resolveConfig } from './run/config/config';
export { type LossConfig, makeLoss } from './run/config/lossConfig';
export { cachePath, chooseProfile } from './run/config/profile';
export type { ExperimentEvents } from './run/events';
export { runExperiment } from './run/experiment';
export type { ExperimentOptions } from './run/experimentOptions';
export { loadBackbone } from './run/setup/backboneWeights';
export { type BackendInfo, initBackend } from './tensor/backend';
export { tf } from './tensor/tensors';
export {
  batchGradients,
  gradientDistance,
  Optimizer,
  type OptimizerSpec,
  type Schedule,
  Trainer,
  type TrainerOptions,
} from './train';
