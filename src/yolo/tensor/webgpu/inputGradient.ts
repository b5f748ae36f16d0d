import * as tf from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { KernelArguments } from '../replaceKernels';
import { type ConvolutionAttributes, integers, type Program } from './program';

type Kernel = (args: KernelArguments) => tf.TensorInfo;
type ConvInfo = ReturnType<typeof tf.backend_util.computeConv2DInfo>;

/** Places and channels that a workgroup computes together. */
const TILE = 64;
/** Workgroups below which the package's smaller tiles keep more of the processor busy. */
const LEAST_WORKGROUPS = 128;
/** Most of them in one dimension that any device takes. */
const MOST_WORKGROUPS = 65535;

/**
 * The gradient of a convolution by its input. With stride 1 it is a convolution of the result's gradient with the filters
 * turned round: the product of its windows and the filters, in tiles of 64 places and 64 channels, in which a number that is
 * fetched serves 64 products, twice as many as in the package's own kernel. That computes what has other strides or few
 * tiles.
 */
export function inputGradient(): Kernel {
  const own = tf.getKernel('Conv2DBackpropInput', 'webgpu').kernelFunc as unknown as Kernel;
  const transpose = tf.getKernel('Transpose', 'webgpu').kernelFunc as unknown as Kernel;
  return (args) => {
    const { dy, filter } = args.inputs;
    const { strides, pad, dimRoundingMode, dataFormat, inputShape } =
      args.attrs as unknown as ConvolutionAttributes & { inputShape: tf.Tensor4D['shape'] };
    const filterShape = filter.shape as tf.Tensor4D['shape'];
    if (dataFormat !== 'NHWC' || [strides].flat().some((stride) => stride !== 1)) return own(args);
    const forward = tf.backend_util.computeConv2DInfo(inputShape, filterShape, 1, 1, pad, dimRoundingMode);
    const { filterHeight, filterWidth, padInfo } = forward;
    const backward: ConvInfo = {
      ...forward,
      inHeight: forward.outHeight,
      inWidth: forward.outWidth,
      inChannels: forward.outChannels,
      outHeight: forward.inHeight,
      outWidth: forward.inWidth,
      outChannels: forward.inChannels,
      padInfo: { ...padInfo, top: filterHeight - 1 - padInfo.top, left: filterWidth - 1 - padInfo.left },
    };
    const workgroups = [
      Math.ceil((backward.batchSize * backward.outHeight * backward.outWidth) / TILE),
      Math.ceil(backward.outChannels / TILE),
    ] as const;
    const fewOrMany = workgroups[0] * workgroups[1] < LEAST_WORKGROUPS || workgroups[0] > MOST_WORKGROUPS;
    if (fewOrMany) return own(args);
    const gpu = args.backend as WebGPUBackend;
    const turned = transpose({ ...args, inputs: { x: filter }, attrs: { perm: [0, 1, 3, 2] } });
    const gradient = product(gpu, dy, turned, backward, workgroups);
    gpu.disposeData(turned.dataId);
    return gradient;
  };
}

function product(
  gpu: WebGPUBackend,
  x: tf.TensorInfo,
  filter: tf.TensorInfo,
  info: ConvInfo,
  workgroups: readonly [number, number],
): tf.TensorInfo {
  const { batchSize, outHeight, outWidth, outChannels, padInfo, filterHeight, filterWidth } = info;
  const inFours = info.inChannels % 4 === 0;
  const program: Program = {
    variableNames: ['x', 'w'],
    uniforms:
      'pads : vec2<i32>, window : vec2<i32>, outSides : vec2<i32>, places : i32, rows : i32, lastTap : i32,',
    outputShape: [batchSize, outHeight, outWidth, outChannels],
    workgroupSize: [16, 16, 1],
    dispatchLayout: { x: [0, 1, 2], y: [3] },
    dispatch: [...workgroups, 1],
    shaderKey: `yolov1-input-gradient-${inFours ? 'fours' : 'singles'}`,
    getUserCode: () => shader(inFours),
  };
  const uniforms = integers(
    [padInfo.top, padInfo.left],
    [filterHeight, filterWidth],
    [outHeight, outWidth],
    batchSize * outHeight * outWidth,
    filterHeight * filterWidth * info.inChannels,
    filterHeight * filterWidth - 1,
  );
  return gpu.runWebGPUProgram(program, [x, filter], 'float32', uniforms);
}

/**
 * Each thread has four places and four channels of the tile. Sixteen rows of the product (filters at a tap) at a time, the
 * threads fetch what the tile needs of them: four rows of one place, and one row of four channels, each.
 *
 * @param inFours - Whether four rows in turn are always of one tap: the filters are a multiple of four.
 */
const shader = (inFours: boolean) => `
var<workgroup> windows : array<vec4<f32>, ${4 * TILE}>;
var<workgroup> filters : array<vec4<f32>, ${4 * TILE}>;

// Where a row's number of a window lies, or -1: outside of the picture.
fn indexOf(row : i32, picture : i32, corner : vec2<i32>) -> i32 {
  let channels = uniforms.xShape[3];
  let tap = row / channels;
  let at = corner + vec2<i32>(tap / uniforms.window.y, tap % uniforms.window.y);
  if (row >= uniforms.rows || any(at < vec2<i32>(0)) || any(at >= uniforms.xShape.yz)) { return -1; }
  return ((picture * uniforms.xShape.y + at.x) * uniforms.xShape.z + at.y) * channels + row % channels;
}

fn fourAt(row : i32, picture : i32, corner : vec2<i32>) -> vec4<f32> {
  var four = vec4<f32>(0.0);
  ${
    inFours
      ? `let i = indexOf(row, picture, corner);
  if (i >= 0) { four = vec4<f32>(x[i], x[i + 1], x[i + 2], x[i + 3]); }`
      : `for (var j = 0; j < 4; j++) {
    let i = indexOf(row + j, picture, corner);
    if (i >= 0) { four[j] = x[i]; }
  }`
  }
  return four;
}

fn weightsAt(row : i32, column : i32) -> vec4<f32> {
  let count = uniforms.outShape[3];
  if (row >= uniforms.rows) { return vec4<f32>(0.0); }
  let channels = uniforms.xShape[3];
  // The taps are read from the last to the first.
  let i = ((uniforms.lastTap - row / channels) * channels + row % channels) * count + column;
  if (column + 3 < count) { return vec4<f32>(w[i], w[i + 1], w[i + 2], w[i + 3]); }
  var four = vec4<f32>(0.0);
  for (var j = 0; j < 4; j++) {
    if (column + j < count) { four[j] = w[i + j]; }
  }
  return four;
}

fn main() {
  let index = i32(localIndex);
  let place = i32(workgroupId.x) * ${TILE} + index / 4;
  let line = place / uniforms.outSides.y;
  var corner = vec2<i32>(line % uniforms.outSides.x, place % uniforms.outSides.y) - uniforms.pads;
  let picture = line / uniforms.outSides.x;
  // Outside of every picture.
  if (place >= uniforms.places) { corner = vec2<i32>(-65536); }
  let column = i32(workgroupId.y) * ${TILE} + 4 * (index % 16);
  let left = i32(localId.x);
  let top = 4 * i32(localId.y);
  var sums : array<vec4<f32>, 4>;
  for (var start = 0; start < uniforms.rows; start += 16) {
    windows[index] = fourAt(start + 4 * (index % 4), picture, corner);
    filters[index] = weightsAt(start + index / 16, column);
    workgroupBarrier();
    for (var four = 0; four < 4; four++) {
      let w0 = filters[64 * four + left];
      let w1 = filters[64 * four + 16 + left];
      let w2 = filters[64 * four + 32 + left];
      let w3 = filters[64 * four + 48 + left];
      ${[0, 1, 2, 3]
        .map(
          (j) => `let v${j} = windows[4 * (top + ${j}) + four];
      sums[${j}] += v${j}.x * w0 + v${j}.y * w1 + v${j}.z * w2 + v${j}.w * w3;`,
        )
        .join('\n      ')}
    }
    workgroupBarrier();
  }
  let first = i32(workgroupId.y) * ${TILE} + 4 * left;
  for (var i = 0; i < 4; i++) {
    let p = i32(workgroupId.x) * ${TILE} + top + i;
    if (p >= uniforms.places) { continue; }
    for (var j = 0; j < 4; j++) {
      if (first + j < uniforms.outShape[3]) { result[p * uniforms.outShape[3] + first + j] = sums[i][j]; }
    }
  }
}`;
