export type { DetectOptions, NamedDetection } from './detectInputs';
export { loadDetector, saveDetector } from './detectorFolder';
export { drawDetections } from './drawing/drawDetections';
export type { InputBatch } from './inputBatches';
export { type PredictOptions, predictItems } from './predictItems';
export { TrainedDetector } from './trainedDetector';
