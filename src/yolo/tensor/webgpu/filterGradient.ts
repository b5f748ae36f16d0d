import * as tf from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { KernelArguments } from '../replaceKernels';
import { type ConvolutionAttributes, integers, type Program } from './program';
import { shareOut, sumOfParts } from './sumOfParts';

/** Rows (weights of one filter) and columns (filters) of what a workgroup computes. */
const TILE = 64;

/**
 * Gradient of a convolution by its filters: the matrix product of the pictures' windows and the gradient of the result,
 * in tiles that a workgroup keeps in its own memory. The package's own kernel has one thread a weight, which for the first
 * layers walks through a million places by itself.
 *
 * @param args - `x`: `[N, H, W, C]`; `dy`: gradient of the result, `[N, h, w, F]`.
 * @returns `[filter height, filter width, C, F]`, the same bits every time.
 */
export function filterGradient({ inputs: { x, dy }, attrs, backend }: KernelArguments): tf.TensorInfo {
  const { strides, pad, dimRoundingMode, filterShape } = attrs as unknown as ConvolutionAttributes & {
    filterShape: tf.Tensor4D['shape'];
  };
  const shape = x.shape as tf.Tensor4D['shape'];
  const info = tf.backend_util.computeConv2DInfo(shape, filterShape, strides, 1, pad, dimRoundingMode);
  const rows = info.filterHeight * info.filterWidth * info.inChannels;
  const tiles = [Math.ceil(rows / TILE), Math.ceil(info.outChannels / TILE)] as const;
  const places = info.batchSize * info.outHeight * info.outWidth;
  const { parts, placesAPart } = shareOut(places, tiles[0] * tiles[1]);
  const product: Program = {
    variableNames: ['x', 'dy'],
    uniforms:
      'pads : vec2<i32>, strides : vec2<i32>, window : vec2<i32>, outSides : vec2<i32>, places : i32, placesAPart : i32,',
    outputShape: [parts, rows, info.outChannels],
    workgroupSize: [16, 16, 1],
    dispatchLayout: { x: [1], y: [2], z: [0] },
    dispatch: [...tiles, parts],
    shaderKey: 'yolov1-filter-gradient',
    getUserCode: () => SHADER,
  };
  const uniforms = integers(
    [info.padInfo.top, info.padInfo.left],
    [info.strideHeight, info.strideWidth],
    [info.filterHeight, info.filterWidth],
    [info.outHeight, info.outWidth],
    places,
    placesAPart,
  );
  const gpu = backend as WebGPUBackend;
  const products = gpu.runWebGPUProgram(product, [x, dy], 'float32', uniforms);
  return parts === 1 ? { ...products, shape: filterShape } : sumOfParts(gpu, products, filterShape);
}

/**
 * Each thread has four rows and four columns of the tile. Sixteen places at a time, the threads fetch what the tile needs
 * of them: of one place, four rows and four columns each.
 */
const SHADER = `
var<workgroup> windows : array<vec4<f32>, ${4 * TILE}>;
var<workgroup> gradients : array<vec4<f32>, ${4 * TILE}>;

fn main() {
  let channels = uniforms.xShape[3];
  let filters = uniforms.outShape[2];
  let index = i32(localIndex);
  let column = i32(workgroupId.y) * ${TILE} + 4 * (index % 16);
  // Where in its window each of the four rows lies: line, column and channel.
  var taps : array<vec3<i32>, 4>;
  for (var j = 0; j < 4; j++) {
    let row = i32(workgroupId.x) * ${TILE} + 4 * (index % 16) + j;
    let tap = row / channels;
    taps[j] = vec3<i32>(tap / uniforms.window.y, tap % uniforms.window.y, row % channels);
    // Outside of every picture.
    if (row >= uniforms.outShape[1]) { taps[j].x = -65536; }
  }
  let begin = i32(workgroupId.z) * uniforms.placesAPart;
  let end = min(begin + uniforms.placesAPart, uniforms.places);
  var place = begin + index / 16;
  var line = place / uniforms.outSides.y;
  var at = vec3<i32>(line % uniforms.outSides.x, place % uniforms.outSides.y, line / uniforms.outSides.x);
  let left = i32(localId.x);
  let top = i32(localId.y);
  var sums : array<vec4<f32>, 4>;
  // As many steps in every workgroup: barriers must not depend on which it is.
  for (var step = 0; step < uniforms.placesAPart; step += 16) {
    var window = vec4<f32>(0.0);
    var gradient = vec4<f32>(0.0);
    if (place < end) {
      let corner = at.xy * uniforms.strides - uniforms.pads;
      ${[0, 1, 2, 3]
        .map(
          (j) => `let in${j} = corner + taps[${j}].xy;
      if (all(in${j} >= vec2<i32>(0)) && all(in${j} < uniforms.xShape.yz)) {
        window[${j}] = x[((at.z * uniforms.xShape.y + in${j}.x) * uniforms.xShape.z + in${j}.y) * channels + taps[${j}].z];
      }
      if (column + ${j} < filters) { gradient[${j}] = dy[place * filters + column + ${j}]; }`,
        )
        .join('\n      ')}
    }
    windows[index] = window;
    gradients[index] = gradient;
    workgroupBarrier();
    for (var i = 0; i < 16; i++) {
      let rows = windows[16 * i + top];
      let columns = gradients[16 * i + left];
      sums[0] += rows.x * columns;
      sums[1] += rows.y * columns;
      sums[2] += rows.z * columns;
      sums[3] += rows.w * columns;
    }
    workgroupBarrier();
    place += 16;
    at.y += 16;
    while (at.y >= uniforms.outSides.y) {
      at.y -= uniforms.outSides.y;
      at.x += 1;
      if (at.x == uniforms.outSides.x) {
        at.x = 0;
        at.z += 1;
      }
    }
  }
  for (var i = 0; i < 4; i++) {
    let row = i32(workgroupId.x) * ${TILE} + 4 * top + i;
    if (row >= uniforms.outShape[1]) { continue; }
    for (var j = 0; j < 4; j++) {
      let c = i32(workgroupId.y) * ${TILE} + 4 * left + j;
      if (c < filters) { result[(i32(workgroupId.z) * uniforms.outShape[1] + row) * filters + c] = sums[i][j]; }
    }
  }
}`;
