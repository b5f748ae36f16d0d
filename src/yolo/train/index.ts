export { batchGradients, gradientDistance } from './batchGradients';
export { Optimizer, type OptimizerSpec, type ParameterGroup } from './optimizer';
export { learningRateFactor, type Schedule } from './schedule';
export type { BatchGradients } from './step';
export { type StepReport, Trainer, type TrainerOptions } from './trainer';
