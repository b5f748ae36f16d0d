/**
 * Losses, each a function of predictions and targets.
 *
 * @module yolov1/loss
 */
export type { WithoutOverlap } from './assignedCells';
export type { ConfidenceLoss } from './confidenceLoss';
export {
  type BatchCounts,
  countsOf,
  type DetectionLoss,
  type LossDescription,
  type LossValue,
} from './detectionLoss';
export { originalLoss } from './originalLoss';
export { priorBias } from './priorBias';
export { type PredictorGradient, type Probe, type ProbeObject, type ProbeRequest, probe } from './probe';
export { type SigmoidLossOptions, sigmoidLoss } from './sigmoidLoss';
export { type TaskAlignedLossOptions, taskAlignedLoss } from './taskAlignedLoss';
export { type YoloLossOptions, yoloLoss } from './yoloLoss';
