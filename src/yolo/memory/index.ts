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
} from './estimate';
export { formatEstimate, formatLayers, PART_NAMES } from './estimateTable';
export { MemoryLimitError } from './guard';
export type { NetworkShape, TrainingScope } from './layerCosts';
export type { PhasePeak, TimelinePoint } from './meter';
export { PARTS, type Part, PHASES, type Phase, type PhaseMemory } from './phases';
export { type MemoryPlan, type PlanOptions, planBatch } from './plan';
