import * as tf from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { eachNumber, type Program } from './program';

/** A change of every number of a tensor, in WGSL. */
export interface Change {
  /** The next value, from `old`, from `NAME[index]` of other tensors and from `uniforms.NAME` of constants. */
  readonly formula: string;
  /** Of the tensor's shape; none shares its memory. */
  readonly others?: Readonly<Record<string, tf.Tensor>>;
  readonly constants: Readonly<Record<string, number>>;
}

/**
 * Changes a float32 tensor in its own buffer: one program, where operations take one and a tensor each, and a transfer for
 * every constant. Clones keep their numbers.
 */
export function changeOnGpu(target: tf.Tensor, { formula, others = {}, constants }: Change): void {
  const gpu = tf.backend() as WebGPUBackend;
  if (gpu.refCount(target.dataId) > 1) moveToItsOwn(target);
  const names = Object.keys(constants);
  const program: Program = {
    ...eachNumber(target.shape),
    variableNames: Object.keys(others),
    uniforms: names.map((name) => `${name} : f32,`).join(' '),
    shaderKey: `yolov1-change ${formula}`,
    getUserCode: () => `
fn main(index : i32) {
  if (index >= uniforms.size) { return; }
  let old = result[index];
  result[index] = ${formula};
}`,
  };
  const uniforms = names.map((name) => ({ type: 'float32', data: [constants[name]] }));
  gpu.runWebGPUProgram(program, Object.values(others), 'float32', uniforms, target);
  // Numbers read earlier, which the backend keeps, are the old ones.
  gpu.tensorMap.get(target.dataId).values = null as never;
}

/** Gives a tensor that shares its buffer a copy of it. */
function moveToItsOwn(target: tf.Tensor): void {
  const engine = tf.engine();
  const copy = tf.add(target, 0);
  engine.disposeTensor(target);
  target.dataId = copy.dataId;
  engine.incRef(target, null as never);
  copy.dispose();
}
