export { addRelu } from './addRelu';
export { type BatchNormResult, batchNormFrozen, batchNormTraining } from './batchNorm';
export { conv2d } from './conv2d';
export { type ConvBiasActivationOptions, convBiasActivation } from './convBiasActivation';
export { groupNorm } from './groupNorm';
export { leakyRelu } from './leakyRelu';
export { maxPool, type PoolGeometry } from './maxPool';
export { relu } from './relu';
export type { ConvGeometry } from './windowGeometry';
