import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';

/** What the backend knows of its buffers, by size and use. */
interface BufferManager {
  readonly freeBuffers: ReadonlyMap<string, GPUBuffer[]>;
  readonly usedBuffers: ReadonlyMap<string, GPUBuffer[]>;
  numFreeBuffers: number;
  numBytesAllocated: number;
  releaseBuffer(buffer: GPUBuffer, reuse?: boolean): void;
}

/**
 * The buffers that the backend keeps for tensors of the same size. After an error some of them are none, since WebGPU
 * answers a request that it can't meet with an invalid buffer, and there will be no tensors of their size when a step is
 * computed again in smaller pieces.
 */
export class BufferPool {
  private readonly manager: BufferManager;
  private distrusted = new WeakSet<GPUBuffer>();

  constructor(backend: WebGPUBackend) {
    this.manager = backend.bufferManager as unknown as BufferManager;
    const release = this.manager.releaseBuffer.bind(this.manager);
    this.manager.releaseBuffer = (buffer, reuse = true) =>
      release(buffer, reuse && !this.distrusted.has(buffer));
  }

  /** Gives free buffers back now, and those in use as soon as their tensors are disposed. */
  distrust(): void {
    const { manager } = this;
    for (const buffers of manager.freeBuffers.values()) {
      for (const buffer of buffers.splice(0)) {
        manager.numFreeBuffers -= 1;
        manager.numBytesAllocated -= buffer.size;
        buffer.destroy();
      }
    }
    for (const buffers of manager.usedBuffers.values()) {
      for (const buffer of buffers) this.distrusted.add(buffer);
    }
  }
}
