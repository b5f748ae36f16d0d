import * as tf from '@tensorflow/tfjs';
import type { AllocationTracker } from './allocationTracker';
import { gpuMemory } from './nvidiaSmi';
import { forgetPeakResidentSize, peakResidentSize, residentSize } from './residentSize';

/** A way to read the memory in use. */
export interface MemoryProbe {
  /** Name of the reading, in words, for whoever sees the numbers. */
  readonly source: string;
  /** Bytes in use now. */
  read(): number;
  /** Most bytes in use at once since the last call; only where the system keeps count. */
  peak?(): number;
}

/** Most bytes in use at once since the last call, as far as the system keeps count; else those in use now. */
export function takeLargest(probe: MemoryProbe): number {
  return (probe.peak ?? probe.read)();
}

/** Fields that the WebGPU backend adds to `tf.memory()`; freed buffers that it keeps count as well. */
interface GpuBytes {
  numBytesAllocatedInGPU: number;
}

/** nvidia-smi takes some 50 ms: no more than one call in this time. TensorFlow never gives GPU memory back in between. */
const GPU_INTERVAL_MS = 5000;

/**
 * The best reading there is: the GPU's where one computes and nvidia-smi answers, WebGPU's own figures, the resident
 * size of the process where the processor computes, else the bytes of the tensors.
 *
 * @param device - Of the backend.
 * @param tracker - Running; for the case that nothing else tells.
 */
export function memoryProbe(device: 'cpu' | 'cuda' | 'webgpu', tracker: AllocationTracker): MemoryProbe {
  if (device === 'cpu') {
    return {
      source: 'resident size of the process',
      read: residentSize,
      ...(forgetPeakResidentSize() ? { peak: takePeak } : {}),
    };
  }
  if (device === 'webgpu') {
    return {
      source: 'buffers of WebGPU',
      read: () => (tf.memory() as Partial<GpuBytes>).numBytesAllocatedInGPU ?? 0,
    };
  }
  const first = gpuMemory();
  if (!first) {
    return { source: 'bytes of the tensors', read: () => tracker.bytes };
  }
  return gpuProbe(first.source, () => {
    const memory = gpuMemory();
    return memory && (memory.process ?? memory.used);
  });
}

function takePeak(): number {
  const bytes = peakResidentSize();
  forgetPeakResidentSize();
  return bytes;
}

/**
 * A probe that asks no more often than every few seconds, and keeps the last answer if there is none.
 *
 * @param now - Milliseconds; for tests.
 */
export function gpuProbe(
  source: string,
  ask: () => number | undefined,
  now: () => number = Date.now,
): MemoryProbe {
  let last = 0;
  let asked = Number.NEGATIVE_INFINITY;
  return {
    source,
    read() {
      if (now() - asked >= GPU_INTERVAL_MS) {
        asked = now();
        last = ask() ?? last;
      }
      return last;
    },
  };
}
