import * as tf from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { KernelArguments } from '../replaceKernels';
import { integers, type Program } from './program';
import { shareOut, sumOfParts } from './sumOfParts';

/** Channels that a workgroup sums, and its threads a channel. */
const CHANNELS = 64;
const THREADS = 4;

type Kernel = (args: KernelArguments) => tf.TensorInfo;

/** Numbers above which a sum of all of them is worth two stages. */
const MANY = 2 ** 16;

/**
 * Sum or mean over the first axes, as BatchNorm's statistics and the gradients of biases are, or over all of a large
 * tensor, as the norm of a gradient is. The package's own kernel turns the tensor round first, and then gives each number
 * of the result, of which there may be 64 or one, a single workgroup; other sums are left to it.
 *
 * @param name - Of the operation.
 */
export function channelSums(name: 'Sum' | 'Mean'): Kernel {
  const own = tf.getKernel(name, 'webgpu').kernelFunc as unknown as Kernel;
  return (args) => {
    const { x } = args.inputs;
    const { axis, keepDims } = args.attrs as { axis: number | number[]; keepDims: boolean };
    const axes = tf.util.parseAxisParam(axis, x.shape);
    const leading = axes.every((one, index) => one === index);
    if (x.dtype !== 'float32' || !leading || axes.length === 0 || x.size === 0) return own(args);
    const kept = x.shape.slice(axes.length);
    const shape = keepDims ? [...axes.map(() => 1), ...kept] : kept;
    const gpu = args.backend as WebGPUBackend;
    if (kept.length > 0) {
      const channels = tf.util.sizeFromShape(kept);
      return sumOfRows(gpu, x, channels, shape, name === 'Mean' ? channels / x.size : 1);
    }
    if (x.size < MANY || x.size % CHANNELS > 0) return own(args);
    const columns = sumOfRows(gpu, x, CHANNELS, [CHANNELS], name === 'Mean' ? CHANNELS / x.size : 1);
    const attrs = { axis: [0], keepDims: false };
    const total = own({ ...args, inputs: { x: columns as tf.Tensor }, attrs });
    gpu.disposeData(columns.dataId);
    return { ...total, shape };
  };
}

/** Sums over the rows of a tensor that is read as a matrix of so many columns, times a factor. */
function sumOfRows(
  gpu: WebGPUBackend,
  x: tf.Tensor,
  columns: number,
  shape: number[],
  factor: number,
): tf.TensorInfo {
  const places = x.size / columns;
  const { parts, placesAPart } = shareOut(places, Math.ceil(columns / CHANNELS));
  const uniforms = integers(places, placesAPart);
  const sums = gpu.runWebGPUProgram(sumProgram(parts, columns), [x], 'float32', uniforms);
  return sumOfParts(gpu, sums, shape, factor);
}

function sumProgram(parts: number, channels: number): Program {
  return {
    variableNames: ['x'],
    uniforms: 'places : i32, placesAPart : i32,',
    outputShape: [parts, channels],
    workgroupSize: [CHANNELS, THREADS, 1],
    dispatchLayout: { x: [1], y: [0] },
    dispatch: [Math.ceil(channels / CHANNELS), parts, 1],
    shaderKey: 'yolov1-channel-sums',
    getUserCode: () => SHADER,
  };
}

/** The threads of a channel take turns with its places, and the first of them adds up what they have. */
const SHADER = `
var<workgroup> sums : array<f32, ${CHANNELS * THREADS}>;

fn main() {
  let channels = uniforms.outShape[1];
  let channel = i32(workgroupId.x) * ${CHANNELS} + i32(localId.x);
  let part = i32(workgroupId.y);
  let end = min((part + 1) * uniforms.placesAPart, uniforms.places);
  var sum = 0.0;
  if (channel < channels) {
    for (var place = part * uniforms.placesAPart + i32(localId.y); place < end; place += ${THREADS}) {
      sum += x[place * channels + channel];
    }
  }
  sums[localIndex] = sum;
  workgroupBarrier();
  if (localId.y == 0u && channel < channels) {
    for (var thread = 1u; thread < ${THREADS}u; thread++) { sum += sums[thread * ${CHANNELS}u + localId.x]; }
    result[part * channels + channel] = sum;
  }
}`;
