import * as tf from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { KernelArguments } from '../replaceKernels';

type Program = Parameters<WebGPUBackend['runWebGPUProgram']>[0];

/** Rows (weights of one output channel) and columns (output channels) of what a workgroup computes. */
const TILE = 64;
/** Workgroups that keep a large graphics processor busy; where the gradient has fewer tiles, several share one. */
const WORKGROUPS = 1024;
/** Fewest places of the result that are worth a workgroup. */
const LEAST_PLACES = 256;
const WORKGROUP = 64;

interface ConvolutionAttributes {
  strides: number | [number, number];
  pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
  filterShape: [number, number, number, number];
}

/**
 * Gradient of a convolution by its weights: the matrix product of the pictures' windows and the gradient of the result,
 * in tiles that a workgroup keeps in its own memory. The package's own kernel has one thread a weight, which for the first
 * layers walks through a million places by itself.
 *
 * @param args - `x`: `[N, H, W, C]`; `dy`: gradient of the result, `[N, h, w, F]`.
 * @returns `[filter height, filter width, C, F]`, the same bits every time.
 */
export function filterGradient({ inputs: { x, dy }, attrs, backend }: KernelArguments): tf.TensorInfo {
  const { strides, pad, dimRoundingMode, filterShape } = attrs as unknown as ConvolutionAttributes;
  const info = tf.backend_util.computeConv2DInfo(
    x.shape as tf.Tensor4D['shape'],
    filterShape,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const rows = info.filterHeight * info.filterWidth * info.inChannels;
  const tiles = Math.ceil(rows / TILE) * Math.ceil(info.outChannels / TILE);
  const places = info.batchSize * info.outHeight * info.outWidth;
  const wanted = Math.min(Math.ceil(WORKGROUPS / tiles), Math.ceil(places / LEAST_PLACES));
  const placesAPart = Math.ceil(places / wanted);
  const parts = Math.ceil(places / placesAPart);
  const product: Program = {
    variableNames: ['x', 'dy'],
    uniforms:
      'pads : vec2<i32>, strides : vec2<i32>, window : vec2<i32>, outSides : vec2<i32>, places : i32, placesAPart : i32,',
    outputShape: [parts, rows, info.outChannels],
    workgroupSize: [16, 16, 1],
    dispatchLayout: { x: [1], y: [2], z: [0] },
    dispatch: [Math.ceil(rows / TILE), Math.ceil(info.outChannels / TILE), parts],
    shaderKey: 'yolov1-filter-gradient',
    getUserCode: () => PRODUCT,
  };
  const uniforms = [
    [info.padInfo.top, info.padInfo.left],
    [info.strideHeight, info.strideWidth],
    [info.filterHeight, info.filterWidth],
    [info.outHeight, info.outWidth],
    [places],
    [placesAPart],
  ].map((data) => ({ type: 'int32', data }));
  const gpu = backend as WebGPUBackend;
  const products = gpu.runWebGPUProgram(product, [x, dy], 'float32', uniforms);
  if (parts === 1) return { ...products, shape: filterShape };
  const sum = gpu.runWebGPUProgram(sumOfParts(filterShape), [products], 'float32', [
    { type: 'int32', data: [parts] },
  ]);
  gpu.disposeData(products.dataId);
  return sum;
}

function sumOfParts(outputShape: number[]): Program {
  return {
    variableNames: ['parts'],
    uniforms: 'count : i32,',
    outputShape,
    workgroupSize: [WORKGROUP, 1, 1],
    dispatchLayout: { x: [0, 1, 2, 3] },
    dispatch: [Math.ceil(tf.util.sizeFromShape(outputShape) / WORKGROUP), 1, 1],
    size: true,
    shaderKey: 'yolov1-sum-of-parts',
    getUserCode: () => SUM,
  };
}

/**
 * Each thread has four rows and four columns of the tile. Sixteen places at a time, the threads fetch what the tile needs
 * of them, one row or column and four places each.
 */
const PRODUCT = `
var<workgroup> windows : array<f32, ${16 * TILE}>;
var<workgroup> gradients : array<f32, ${16 * TILE}>;

fn main() {
  let channels = uniforms.xShape[3];
  let filters = uniforms.outShape[2];
  let lane = i32(localIndex) % ${TILE};
  let firstPlace = i32(localIndex) / ${TILE};
  let row = i32(workgroupId.x) * ${TILE} + lane;
  let column = i32(workgroupId.y) * ${TILE} + lane;
  let tap = row / channels;
  let channel = row % channels;
  let offset = vec2<i32>(tap / uniforms.window.y, tap % uniforms.window.y) - uniforms.pads;
  let begin = i32(workgroupId.z) * uniforms.placesAPart;
  let end = min(begin + uniforms.placesAPart, uniforms.places);
  let left = 4 * i32(localId.x);
  let top = 4 * i32(localId.y);
  var sums : array<vec4<f32>, 4>;
  // As many steps in every workgroup: barriers must not depend on which it is.
  for (var step = 0; step < uniforms.placesAPart; step += 16) {
    let start = begin + step;
    for (var i = firstPlace; i < 16; i += 4) {
      let place = start + i;
      let line = place / uniforms.outSides.y;
      let picture = line / uniforms.outSides.x;
      let at = vec2<i32>(line % uniforms.outSides.x, place % uniforms.outSides.y) * uniforms.strides + offset;
      var value = 0.0;
      if (place < end && row < uniforms.outShape[1] && all(at >= vec2<i32>(0)) && all(at < uniforms.xShape.yz)) {
        value = x[((picture * uniforms.xShape.y + at.x) * uniforms.xShape.z + at.y) * channels + channel];
      }
      windows[i * ${TILE} + lane] = value;
      var gradient = 0.0;
      if (place < end && column < filters) { gradient = dy[place * filters + column]; }
      gradients[i * ${TILE} + lane] = gradient;
    }
    workgroupBarrier();
    for (var i = 0; i < 16; i++) {
      let a = i * ${TILE} + top;
      let b = i * ${TILE} + left;
      let right = vec4<f32>(gradients[b], gradients[b + 1], gradients[b + 2], gradients[b + 3]);
      sums[0] += windows[a] * right;
      sums[1] += windows[a + 1] * right;
      sums[2] += windows[a + 2] * right;
      sums[3] += windows[a + 3] * right;
    }
    workgroupBarrier();
  }
  for (var i = 0; i < 4; i++) {
    let r = i32(workgroupId.x) * ${TILE} + top + i;
    if (r >= uniforms.outShape[1]) { continue; }
    for (var j = 0; j < 4; j++) {
      let c = i32(workgroupId.y) * ${TILE} + left + j;
      if (c < filters) { result[(i32(workgroupId.z) * uniforms.outShape[1] + r) * filters + c] = sums[i][j]; }
    }
  }
}`;

const SUM = `
fn main(index : i32) {
  if (index >= uniforms.size) { return; }
  var sum = 0.0;
  for (var part = 0; part < uniforms.count; part++) { sum += parts[part * uniforms.size + index]; }
  setOutputAtIndex(index, sum);
}`;
