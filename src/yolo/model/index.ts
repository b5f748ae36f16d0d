/**
 * Layers, backbones, heads, and their weights as files.
 *
 * @module yolov1/model
 */
export { baselineBackbone } from './baselineBackbone';
export { Detector, type Predictions } from './detector';
export type { DetectorSpec } from './detectorSpec';
export {
  type ConvolutionalHeadOptions,
  convolutionalHead,
  type FullyConnectedHeadOptions,
  fullyConnectedHead,
} from './heads';
export {
  type BackwardStep,
  type FeatureShape,
  type ForwardContext,
  INFERENCE,
  type Layer,
  type LayerRow,
  type NormBehaviour,
  type Parameter,
  type Statistic,
  type TrainingCost,
} from './layers/layer';
export type { BatchNormMode, NormKind } from './layers/norm';
export { resnet18 } from './resnet18';
export { formatSummary, type SummaryTotals, totals } from './summary';
export { readSafetensors, type StoredTensor, writeSafetensors } from './weights/safetensors';
export type { StreamedTensor } from './weights/streamedTensor';
export { type LoadReport, loadWeights, saveWeights } from './weights/weights';
