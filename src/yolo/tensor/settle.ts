import * as tf from '@tensorflow/tfjs';

/** A backend that computes behind our back and tells late that it failed. */
export interface SettlingBackend extends tf.KernelBackend {
  /** Resolves when all that was asked for is computed; rejects if some of it failed. */
  settle(): Promise<void>;
}

/**
 * Waits until what was computed is there. Only WebGPU needs it: out of memory, it goes on with nonsense, and says so at
 * the next read, which for an update of the weights would be a step too late.
 */
export async function settle(): Promise<void> {
  await (tf.backend() as Partial<SettlingBackend>).settle?.();
}
