import * as tf from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';

/** A kernel of our own, as the backend runs it. */
export type Program = Parameters<WebGPUBackend['runWebGPUProgram']>[0];

const WORKGROUP = 64;

/** What a program has that computes each number of its result by a thread of its own, `main(index : i32)`. */
export function eachNumber(outputShape: number[]) {
  return {
    outputShape,
    workgroupSize: [WORKGROUP, 1, 1],
    dispatchLayout: { x: outputShape.map((_, axis) => axis) },
    dispatch: [Math.ceil(tf.util.sizeFromShape(outputShape) / WORKGROUP), 1, 1],
    size: true,
  } satisfies Partial<Program>;
}

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
