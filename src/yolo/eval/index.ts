/**
 * Detections against annotations: by the rules of VOC and of COCO, as the original did, and what is wrong with them.
 *
 * @module yolov1/eval
 */
export { type ApRule, averagePrecision } from './averagePrecision';
export { bootstrapMap, type MapInterval } from './bootstrap';
export { type ClassCurve, classCurves } from './classCurves';
export { type CocoFigures, type CocoResult, evaluateCoco } from './coco/coco';
export {
  type ConfidenceHistogram,
  type ConfidenceOptions,
  confidenceHistogram,
  falsePositivesPerPicture,
} from './confidence';
export {
  analyseErrors,
  type ClassErrors,
  ERROR_KINDS,
  type ErrorAnalysis,
  type ErrorKind,
  SIMILAR_CLASSES,
} from './errorAnalysis';
export { type CocoTruth, readCocoResults, readCocoTruth } from './files/cocoFiles';
export { readGroundTruth } from './files/readGroundTruth';
export { type ResultFiles, readResultFiles } from './files/readResultFiles';
export { resultFileName, writeResultFiles } from './files/resultFiles';
export { readYoloResults, readYoloTruth, type YoloTruth } from './files/yoloFiles';
export {
  FALSE_POSITIVE,
  IGNORED,
  type MatchedDetections,
  matchDetections,
  TRUE_POSITIVE,
} from './matchDetections';
export { evaluateAsOriginal } from './original';
export { type PrecisionRecall, precisionRecall } from './precisionRecall';
export type { ConfidenceCounts, ConfidenceSurvey } from './run/confidenceSurvey';
export type {
  EpochEvaluation,
  ExperimentEvaluation,
  FinalEvaluation,
  PictureDetections,
  PooledEvaluation,
  StatisticsDrift,
} from './run/evaluation';
export type { OriginalEvaluation } from './run/originalEvaluation';
export { type DetectionTable, DetectionTableBuilder, detectionTable } from './table/detectionTable';
export { type EvaluationIndex, evaluationIndex } from './table/evaluationIndex';
export {
  type AnnotatedPicture,
  countObjects,
  type GroundTruthTable,
  groundTruthTable,
} from './table/groundTruthTable';
export { splitByYear, type YearPart } from './table/years';
export { evaluateVoc, type VocClassResult, type VocOptions, type VocResult } from './voc';
