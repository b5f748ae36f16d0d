export { PROFILES, type Profile } from './core/environment';
export { UserError } from './core/errors';
export { Random, type RandomState } from './core/random';
export { version } from './core/version';
export type { AnnotatedObject, Annotation } from './data/annotation';
export {
  type AugmentationSpec,
  type AugmentedItem,
  CROP_EXPAND_AUGMENTATION,
  checkAugmentation,
  NO_AUGMENTATION,
  PAPER_AUGMENTATION,
  planAugmentation,
} from './data/augment/augment';
export { moveBox, moveObjects } from './data/augment/boxes';
export { type ColourChange, changeColours } from './data/augment/colour';
export { type AugmentationPlan, plainPlan, type Tile } from './data/augment/plan';
export { checkDevkit, type DevkitReport, type Finding } from './data/checkDevkit';
export { VOC_CLASSES } from './data/classes';
export { type AnnotatedItem, type DataSource, type Dataset, loadDataset } from './data/dataset';
export { type DatasetItem, type Devkit, type DevkitOptions, openDevkit } from './data/devkit';
export { findDevkits, findSource } from './data/findDevkits';
export { type ImportOptions, type ImportReport, importData } from './data/import/importData';
export { drawInput, type InputRequest, type InputTile } from './data/input/drawInput';
export { denormalise, IMAGENET_MEAN, IMAGENET_STD, normalise } from './data/input/normalise';
export { toInput } from './data/input/toInput';
export { type Batch, Loader, type LoaderOptions } from './data/loader';
export { encodePicture } from './data/picture/encodePicture';
export { type Picture, type ReadPictureOptions, readPicture } from './data/picture/picture';
export { generateScene, type Scene, type SceneOptions } from './data/scene/scene';
export { SCENE_CLASSES } from './data/scene/shapes';
export { type ScenesDevkitOptions, writeScenesDevkit } from './data/scene/writeScenesDevkit';
export { loadDetector, saveDetector } from './detect/detectorFolder';
export { drawDetections } from './detect/drawDetections';
export type { InputBatch } from './detect/inputBatches';
export { type PredictOptions, predictItems } from './detect/predictItems';
export { type DetectOptions, type NamedDetection, TrainedDetector } from './detect/trainedDetector';
export { type ApRule, averagePrecision } from './eval/averagePrecision';
export { type BootstrapOptions, bootstrapMap, type MapInterval } from './eval/bootstrap';
export { type ClassCurve, classCurves } from './eval/classCurves';
export { type CocoFigures, type CocoResult, evaluateCoco } from './eval/coco/coco';
export {
  type ConfidenceHistogram,
  type ConfidenceOptions,
  confidenceHistogram,
  falsePositivesPerPicture,
} from './eval/confidence';
export {
  analyseErrors,
  type ClassErrors,
  ERROR_KINDS,
  type ErrorAnalysis,
  type ErrorKind,
  SIMILAR_CLASSES,
} from './eval/errorAnalysis';
export { readGroundTruth } from './eval/files/readGroundTruth';
export { type ResultFiles, readResultFiles } from './eval/files/readResultFiles';
export { resultFileName, writeResultFiles } from './eval/files/resultFiles';
export {
  FALSE_POSITIVE,
  IGNORED,
  type MatchedDetections,
  matchDetections,
  TRUE_POSITIVE,
} from './eval/matchDetections';
export { evaluateAsOriginal } from './eval/original';
export { type PrecisionRecall, precisionRecall } from './eval/precisionRecall';
export type { ConfidenceCounts, ConfidenceSurvey } from './eval/run/confidenceSurvey';
export type {
  EpochEvaluation,
  ExperimentEvaluation,
  FinalEvaluation,
  PictureDetections,
  PooledEvaluation,
  StatisticsDrift,
} from './eval/run/evaluation';
export type { OriginalEvaluation } from './eval/run/originalEvaluation';
export { type DetectionTable, DetectionTableBuilder, detectionTable } from './eval/table/detectionTable';
export { type EvaluationIndex, evaluationIndex } from './eval/table/evaluationIndex';
export {
  type AnnotatedPicture,
  countObjects,
  type GroundTruthTable,
  groundTruthTable,
} from './eval/table/groundTruthTable';
export { splitByYear, type YearPart } from './eval/table/years';
export { evaluateVoc, type VocClassResult, type VocOptions, type VocResult } from './eval/voc';
export { VOC_SETS, type VocArchive, type VocSet } from './fetch/catalogue';
export type { FetchOptions } from './fetch/fetchOptions';
export { type FetchedWeights, fetchResnet18 } from './fetch/fetchResnet18';
export { type FetchedVoc, fetchVoc } from './fetch/fetchVoc';
export type { FetchProgress } from './fetch/progress';
export { area, type Box, clip } from './grid/box';
export {
  BOX_CODINGS,
  type BoxCoding,
  type BoxCodingName,
  codingOf,
  DISTANCE_CODING,
  type DistanceCoding,
  type GridCoding,
  type PredictionCoding,
} from './grid/coding';
export { decodeBoxes } from './grid/decodeBoxes';
export {
  type DecodeOptions,
  decodeDetections,
  type PictureSize,
  type PredictionArray,
} from './grid/decodeDetections';
export type { Detection } from './grid/detection';
export { type EncodePredictionsOptions, encodePredictions } from './grid/encodePredictions';
export {
  type Collision,
  type EncodeOptions,
  encodeGrid,
  type GridObject,
  type GridTarget,
  type LostObject,
  objectsOf,
  sliceTarget,
} from './grid/gridTarget';
export { boxIou, iouAt } from './grid/iou';
export { type NmsOptions, nms } from './grid/nms';
export { type OverlapKind, overlap } from './grid/overlap';
export type { WithoutOverlap } from './loss/assignedCells';
export type { ConfidenceLoss } from './loss/confidenceLoss';
export {
  type BatchCounts,
  countsOf,
  type DetectionLoss,
  type LossDescription,
  type LossValue,
} from './loss/detectionLoss';
export { originalLoss } from './loss/originalLoss';
export { priorBias } from './loss/priorBias';
export { type PredictorGradient, type Probe, type ProbeObject, type ProbeRequest, probe } from './loss/probe';
export { type SigmoidLossOptions, sigmoidLoss } from './loss/sigmoidLoss';
export { type TaskAlignedLossOptions, taskAlignedLoss } from './loss/taskAlignedLoss';
export { type YoloLossOptions, yoloLoss } from './loss/yoloLoss';
export { type BudgetOptions, type MemoryBudget, memoryBudget } from './memory/budget';
export { formatBytes, parseBytes } from './memory/bytes';
export {
  type CalibrationCase,
  type CalibrationError,
  type CalibrationPoint,
  type CalibrationRecord,
  calibrationErrors,
  readCalibration,
} from './memory/calibration';
export type { Device } from './memory/devices';
export {
  type EstimateOptions,
  estimateMemory,
  type LayerMemory,
  type MemoryEstimate,
  type UpdateRule,
} from './memory/estimate';
export { formatEstimate, formatLayers, PART_NAMES } from './memory/estimateTable';
export { MemoryLimitError } from './memory/guard';
export type { NetworkShape, TrainingScope } from './memory/layerCosts';
export type { PhasePeak, TimelinePoint } from './memory/meter';
export { PARTS, type Part, PHASES, type Phase, type PhaseMemory } from './memory/phases';
export { type MemoryPlan, type PlanOptions, planBatch } from './memory/plan';
export { baselineBackbone } from './model/baselineBackbone';
export { Detector, type DetectorSpec, type Predictions } from './model/detector';
export {
  type ConvolutionalHeadOptions,
  convolutionalHead,
  type FullyConnectedHeadOptions,
  fullyConnectedHead,
} from './model/heads';
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
} from './model/layer';
export type { BatchNormMode, NormKind } from './model/norm';
export { resnet18 } from './model/resnet18';
export { readSafetensors, type StoredTensor, writeSafetensors } from './model/safetensors';
export { formatSummary, type SummaryTotals, totals } from './model/summary';
export { type LoadReport, loadWeights, saveWeights } from './model/weights';
export { type MemoryOverTime, type MemoryPoint, memoryOverTime } from './record/memoryOverTime';
export { findRunRecord, readRunRecord } from './record/readRunRecord';
export type {
  DataUsed,
  ExperimentResult,
  MemoryGrowth,
  MetricsLine,
  RunMemory,
  RunRecord,
} from './record/runRecord';
export { findWeights, loadBackbone, type WeightsUsed } from './run/backboneWeights';
export { type ExperimentConfig, type ExperimentOverrides, resolveConfig } from './run/config';
export type { ExperimentEvents } from './run/events';
export { runExperiment } from './run/experiment';
export type { ExperimentOptions } from './run/experimentOptions';
export { liveTraining } from './run/liveTraining';
export { type LossConfig, makeLoss } from './run/lossConfig';
export type { InputSizes } from './run/pictureBatches';
export { cachePath, chooseProfile, type ProfileNeeds } from './run/profile';
export { type BackendInfo, initBackend } from './tensor/backend';
export { tf } from './tensor/tensors';
export { batchGradients, gradientDistance } from './train/batchGradients';
export { Optimizer, type OptimizerSpec, type ParameterGroup } from './train/optimizer';
export { learningRateFactor, type Schedule } from './train/schedule';
export type { BatchGradients } from './train/step';
export { type StepReport, Trainer, type TrainerOptions } from './train/trainer';
