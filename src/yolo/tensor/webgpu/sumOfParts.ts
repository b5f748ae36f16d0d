import type * as tf from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { eachNumber, integers, type Program } from './program';

/** Workgroups that keep a large graphics processor busy; where a result has fewer tiles, several share one. */
const WORKGROUPS = 1024;
/** Fewest places that are worth a workgroup. */
const LEAST_PLACES = 256;

/** How places are shared out, so that the workgroups of all tiles keep the processor busy. */
export function shareOut(places: number, tiles: number): { parts: number; placesAPart: number } {
  const wanted = Math.min(Math.ceil(WORKGROUPS / tiles), Math.ceil(places / LEAST_PLACES));
  const placesAPart = Math.ceil(places / wanted);
  return { parts: Math.ceil(places / placesAPart), placesAPart };
}

/**
 * The sum over the first axis, which is disposed, times a factor: the second half of a long sum, the same bits every time.
 *
 * @param parts - `[number of parts, ...]`, with as many numbers a part as the result has.
 */
export function sumOfParts(
  gpu: WebGPUBackend,
  parts: tf.TensorInfo,
  outputShape: number[],
  factor = 1,
): tf.TensorInfo {
  const program: Program = {
    ...eachNumber(outputShape),
    variableNames: ['parts'],
    uniforms: 'count : i32, factor : f32,',
    shaderKey: 'yolov1-sum-of-parts',
    getUserCode: () => SHADER,
  };
  const sum = gpu.runWebGPUProgram(program, [parts], 'float32', [
    ...integers(parts.shape[0]),
    { type: 'float32', data: [factor] },
  ]);
  gpu.disposeData(parts.dataId);
  return sum;
}

const SHADER = `
fn main(index : i32) {
  if (index >= uniforms.size) { return; }
  var sum = 0.0;
  for (var part = 0; part < uniforms.count; part++) { sum += parts[part * uniforms.size + index]; }
  setOutputAtIndex(index, sum * uniforms.factor);
}`;
