import type * as tf from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';

/** A kernel of our own, as the backend runs it. */
export type Program = Parameters<WebGPUBackend['runWebGPUProgram']>[0];

/** Attributes of a convolution's gradients, as TensorFlow.js passes them. */
export interface ConvolutionAttributes {
  strides: number | [number, number];
  pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
  dataFormat: 'NHWC' | 'NCHW';
}

/** Whole numbers as the values of a program's uniforms, in their order; a vector is a list of its own. */
export function integers(...values: (number | number[])[]): { type: 'int32'; data: number[] }[] {
  return values.map((value) => ({ type: 'int32', data: [value].flat() }));
}
