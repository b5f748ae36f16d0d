import type { BackendInfo } from '../tensor/backend';

/** The device that a training runs on: `cpu` or `cuda` by TensorFlow, a GPU by `webgpu`, the processor by `wasm`. */
export type Device = 'cpu' | 'cuda' | 'webgpu' | 'wasm';

/** Memory that a device takes beside the tensors that training needs. */
export interface DeviceMemory {
  /** True if these figures were fitted to measurements of whole trainings; else they are an estimate. */
  readonly measured: boolean;
  /** Most bytes that it can ever use, whatever the machine has. Undefined: no such limit. */
  readonly most?: number;
  /** Bytes of the program before a model is loaded. */
  readonly runtime: number;
  /** Bytes that come with the first step whatever is trained: compiled kernels, the JavaScript heap, workspaces. */
  readonly firstStep: number;
  /**
   * Bytes of the allocator's pool for a byte of tensors that come and go: a freed piece is given whole to the next
   * request of at least half its size, and what does not fit lies idle. What stays (parameters, slots) counts once.
   */
  readonly perByte: number;
  /** True if updates change tensors in place; see `changesInPlace`. */
  readonly inPlace: boolean;
  /** Copies of a batch of pictures in the device's memory. */
  readonly picturesHeld: number;
  /**
   * How much more is kept for the backward pass than `ops/` keeps with TensorFlow's own kernels, and how much its
   * gradients of activations take if none is let go of before the pass is over. Undefined: as in `ops/`.
   */
  readonly plainOperations?: { readonly kept: number; readonly gradients: number };
}

export const DEVICES: Readonly<Record<Device, DeviceMemory>> = {
  // Fitted to report/bench/memory.json: TensorFlow 2.21 in Node 20 on 2 cores, 26 trainings, which it meets within 11 %.
  // The pool is oneDNN's, which never gives memory back.
  cpu: {
    measured: true,
    runtime: 450e6,
    firstStep: 70e6,
    perByte: 1.4,
    inPlace: true,
    // Copies are its tensor, the pixels that this was made of, and two batches decoded ahead.
    picturesHeld: 4,
  },
  // Not measured yet. A CUDA context takes 0.3 to 0.5 GB, the handles of cuDNN and cuBLAS about as much; cuDNN chooses
  // its workspace by what is free. The pool is of the same kind as the processor's.
  cuda: { measured: false, runtime: 800e6, firstStep: 300e6, perByte: 1.4, inPlace: false, picturesHeld: 1 },
  // Fitted to report/bench/memory-webgpu.json: 26 trainings on an NVIDIA H200, which it meets within -12 and 31 %. Bytes
  // are the backend's own: its buffers, without the driver's share. Freed ones wait for a tensor of exactly the same size.
  webgpu: {
    measured: true,
    runtime: 0,
    firstStep: 0,
    perByte: 1.4,
    inPlace: true,
    picturesHeld: 1,
    plainOperations: { kept: 3.7, gradients: 2.2 },
  },
  // Tensors counted (ResNet18 at 224 pixels, BatchNorm on batch statistics), whole trainings not measured.
  wasm: {
    measured: false,
    // 32 bits of address.
    most: 2 ** 32,
    runtime: 250e6,
    firstStep: 180e6,
    perByte: 1.15,
    inPlace: false,
    picturesHeld: 4,
    plainOperations: { kept: 4.3, gradients: 2.6 },
  },
};

/** The device that trainings of a backend run on. */
export function deviceOf({ name, device }: Pick<BackendInfo, 'name' | 'device'>): Device {
  return name === 'wasm' ? 'wasm' : device;
}
