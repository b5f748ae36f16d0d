/**
 * Detectors as folders, and what they see in pictures and data sets.
 *
 * @module yolov1/detect
 */
export type { DetectOptions, NamedDetection } from './detectInputs';
export { loadDetector, saveDetector } from './detectorFolder';
export { drawDetections } from './drawing/drawDetections';
export type { InputBatch } from './inputBatches';
export { type PredictOptions, predictItems } from './predictItems';
export { TrainedDetector } from './trainedDetector';
