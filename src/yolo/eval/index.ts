export { type ApRule, averagePrecision } from './averagePrecision';
export { type BootstrapOptions, bootstrapMap, type MapInterval } from './bootstrap';
export { type Catalogue, makeCatalogue } from './catalogue';
export { type ClassCurve, classCurves } from './classCurves';
export { type CocoFigures, type CocoResult, evaluateCoco } from './coco';
export {
  type ConfidenceHistogram,
  type ConfidenceOptions,
  confidenceHistogram,
  falsePositivesPerPicture,
} from './confidence';
export type { ConfidenceCounts, ConfidenceSurvey } from './confidenceSurvey';
export { type DetectionTable, DetectionTableBuilder, detectionTable } from './detectionTable';
export {
  analyseErrors,
  type ClassErrors,
  ERROR_KINDS,
  type ErrorAnalysis,
  type ErrorKind,
  SIMILAR_CLASSES,
} from './errorAnalysis';
export type {
  EpochEvaluation,
  ExperimentEvaluation,
  FinalEvaluation,
  PictureDetections,
  PooledEvaluation,
  StatisticsDrift,
} from './evaluation';
export {
  type AnnotatedPicture,
  countObjects,
  type GroundTruthTable,
  groundTruthTable,
} from './groundTruthTable';
export { type PrecisionRecall, precisionRecall } from './precisionRecall';
export { readGroundTruth } from './readGroundTruth';
export { type ResultFiles, readResultFiles } from './readResultFiles';
export { resultFileName, writeResultFiles } from './resultFiles';
export { evaluateVoc, type VocClassResult, type VocOptions, type VocResult } from './voc';
export { FALSE_POSITIVE, IGNORED, type Judged, judge, TRUE_POSITIVE } from './vocMatch';
export { evaluateAsWriteUp } from './writeUp';
export type { WriteUpEvaluation } from './writeUpEvaluation';
export { splitByYear, type YearPart } from './years';
