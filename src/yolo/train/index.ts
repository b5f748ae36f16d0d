/**
 * Steps, optimizers and schedules.
 *
 * @module yolov1/train
 */
export { batchGradients, gradientDistance } from './batchGradients';
export { Optimizer, type ParameterGroup } from './optimizer';
export type { OptimizerSpec } from './optimizerSpec';
export { learningRateFactor, type Schedule } from './schedule';
export type { BatchGradients } from './step';
export type { StepReport } from './stepReport';
export { Trainer } from './trainer';
export type { TrainerOptions } from './trainerOptions';
