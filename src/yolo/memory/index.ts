/**
 * What training takes, the batch that fits a budget, and what was measured.
 *
 * @module yolov1/memory
 */
export { type BudgetOptions, type MemoryBudget, memoryBudget } from './budget';
export { formatBytes, parseBytes } from './bytes';
export {
  type CalibrationCase,
  type CalibrationError,
  type CalibrationPoint,
  type CalibrationRecord,
  calibrationErrors,
  readCalibration,
} from './calibration';
export type { Device } from './devices';
export {
  type EstimateOptions,
  estimateMemory,
  type LayerMemory,
  type MemoryEstimate,
  type UpdateRule,
} from './estimate/estimate';
export { formatEstimate, formatLayers, PART_NAMES } from './estimate/estimateTable';
export type { NetworkShape, TrainingScope } from './estimate/layerCosts';
export { MemoryLimitError } from './measure/guard';
export type { PhasePeak, TimelinePoint } from './measure/meter';
export { PARTS, type Part, PHASES, type Phase, type PhaseMemory } from './phases';
export { type MemoryPlan, type PlanOptions, planBatch } from './plan';
