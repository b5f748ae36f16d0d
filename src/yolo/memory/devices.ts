/** Where a training runs. */
export type Device = 'cpu' | 'cuda' | 'wasm';

/** What a device takes beside the tensors that training needs. */
export interface DeviceMemory {
  /** Whether these figures were fitted to measurements of whole trainings; else they are an estimate. */
  readonly measured: boolean;
  /** Most bytes that it can ever use, whatever the machine has. Undefined: no such limit. */
  readonly most?: number;
  /** Bytes of the program before a model is loaded. */
  readonly runtime: number;
  /** Bytes that come with the first step whatever is trained: compiled kernels, the JavaScript heap, workspaces. */
  readonly firstStep: number;
  /** What the allocator takes for a byte of tensors, because freed pieces don't fit what comes next. */
  readonly perByte: number;
  /** Copies of a batch of pictures in the device's memory. */
  readonly picturesHeld: number;
  /**
   * How much more is kept for the backward pass than `ops/` keeps with TensorFlow's own kernels, and how much its
   * gradients of activations take if none is let go of before the pass is over. Undefined: as in `ops/`.
   */
  readonly plainOperations?: { readonly kept: number; readonly gradients: number };
}

export const DEVICES: Readonly<Record<Device, DeviceMemory>> = {
  // Fitted to report/runs/memory-calibration: TensorFlow 2.21 in Node 20 on 2 cores.
  cpu: {
    measured: true,
    runtime: 450e6,
    firstStep: 180e6,
    perByte: 1.15,
    // Its tensor, the pixels that this was made of, two batches decoded ahead.
    picturesHeld: 4,
  },
  // Not measured yet. A CUDA context takes 0.3 to 0.5 GB, the handles of cuDNN and cuBLAS about as much; cuDNN chooses
  // its workspace by what is free.
  cuda: { measured: false, runtime: 800e6, firstStep: 300e6, perByte: 1.15, picturesHeld: 1 },
  // Tensors counted (at 224 and 448 pixels, BatchNorm on batch statistics), whole trainings not measured.
  wasm: {
    measured: false,
    // 32 bits of address.
    most: 2 ** 32,
    runtime: 250e6,
    firstStep: 180e6,
    perByte: 1.15,
    picturesHeld: 4,
    plainOperations: { kept: 9, gradients: 5.5 },
  },
};
