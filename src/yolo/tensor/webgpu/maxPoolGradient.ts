import * as tf from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { KernelArguments } from '../replaceKernels';
import type { MaxPoolAttributes } from '../wasm/maxPoolGradient';
import { eachNumber, integers, type Program } from './program';

/**
 * Gradient of a max-pooling: each window's gradient goes to its largest value, the first of several. The package's own
 * kernel compares with `mix(value, largest, 1.0)`, which is not `largest` where the two differ by orders of magnitude, as
 * padding and pictures do.
 *
 * @param args - `dy`: gradient of the result, `[N, h, w, C]`; `input`: what was pooled, `[N, H, W, C]`.
 * @returns Of the shape of `input`.
 */
export function maxPoolGradient({ inputs: { dy, input }, attrs, backend }: KernelArguments): tf.TensorInfo {
  const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as MaxPoolAttributes;
  const shape = input.shape as tf.Tensor4D['shape'];
  const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  const program: Program = {
    ...eachNumber(shape),
    variableNames: ['x', 'dy'],
    uniforms:
      'strides : vec2<i32>, pads : vec2<i32>, window : vec2<i32>, inSides : vec2<i32>, outSides : vec2<i32>,',
    shaderKey: 'yolov1-max-pool-gradient',
    getUserCode: () => SHADER,
  };
  const uniforms = integers(
    [info.strideHeight, info.strideWidth],
    [info.padInfo.top, info.padInfo.left],
    [info.filterHeight, info.filterWidth],
    [info.inHeight, info.inWidth],
    [info.outHeight, info.outWidth],
  );
  return (backend as WebGPUBackend).runWebGPUProgram(program, [input, dy], 'float32', uniforms);
}

/** For a place of the input: of the windows that it lies in, the gradients of those whose largest value it is. */
const SHADER = `
fn main(index : i32) {
  if (index >= uniforms.size) { return; }
  let place = getCoordsFromIndex(index);
  let at = place.yz + uniforms.pads;
  let first = max((at - uniforms.window + uniforms.strides) / uniforms.strides, vec2<i32>(0));
  let last = min(at / uniforms.strides, uniforms.outSides - 1);
  var sum = 0.0;
  for (var row = first.x; row <= last.x; row++) {
    for (var column = first.y; column <= last.y; column++) {
      let corner = vec2<i32>(row, column) * uniforms.strides - uniforms.pads;
      let start = max(corner, vec2<i32>(0));
      let end = min(corner + uniforms.window, uniforms.inSides);
      var best = start;
      var largest = getX(place.x, start.x, start.y, place.w);
      for (var i = start.x; i < end.x; i++) {
        for (var j = start.y; j < end.y; j++) {
          let value = getX(place.x, i, j, place.w);
          if (value > largest) {
            largest = value;
            best = vec2<i32>(i, j);
          }
        }
      }
      if (all(best == place.yz)) { sum += getDy(place.x, row, column, place.w); }
    }
  }
  setOutputAtIndex(index, sum);
}`;
