/**
 * Records of runs: what is committed of them. Nothing here needs TensorFlow.
 *
 * @module yolov1/record
 */

export { durationInWords } from '../core/duration';
export { writeWholeFile } from '../core/wholeFile';
export {
  type DetectorFiles,
  findDetectorFiles,
  SHOWN_SCORE,
  type StoredDetector,
} from '../detect/detectorFiles';
export type {
  EpochEvaluation,
  ExperimentEvaluation,
  FinalEvaluation,
  PictureDetections,
  PooledEvaluation,
  StatisticsDrift,
} from '../eval/run/evaluation';
export { describeBackend } from '../tensor/describeBackend';
export { type ConfigDifference, configDifferences } from './configDifferences';
export { type RecordedDetection, recordedDetections } from './detections';
export { type MemoryOverTime, type MemoryPoint, memoryOverTime } from './memoryOverTime';
export { findRunRecord, type RunRecords, readRunRecord, readRunRecords } from './readRunRecord';
export type {
  DataUsed,
  ExperimentResult,
  MemoryGrowth,
  MetricsLine,
  RunMemory,
  RunRecord,
} from './runRecord';
