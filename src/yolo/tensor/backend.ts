import { availableParallelism } from 'node:os';
import * as tf from '@tensorflow/tfjs';
import { type BackendName, readEnvironment } from '../core/environment';
import { messageOf, UserError } from '../core/errors';
import { loadTensorFlow } from './tensorflow';
import { loadWasm } from './wasmBackend';

/** What computes, as a run records it. */
export interface BackendInfo {
  /** `tensorflow` (native library) or `wasm`. */
  readonly name: BackendName;
  /** TensorFlow's version, such as `2.21.0`, or that of the wasm kernels. */
  readonly version: string;
  /** `cuda` where an NVIDIA GPU computes. */
  readonly device: 'cpu' | 'cuda';
  /** Processor cores this process may use. */
  readonly cores: number;
  /** Why this backend, or what is unusual about it; empty if there is nothing to say. */
  readonly note: string;
}

let started: Promise<BackendInfo> | undefined;

/**
 * Chooses and starts the backend; later calls return the first one's answer.
 *
 * TensorFlow is taken where its addon loads. Otherwise wasm is, with one line on stderr that says why and what
 * to do. `YOLOV1_BACKEND` forces either.
 *
 * @throws {@link UserError} if `YOLOV1_BACKEND=tensorflow` and TensorFlow doesn't load.
 */
export function initBackend(): Promise<BackendInfo> {
  started ??= start();
  return started;
}

async function start(): Promise<BackendInfo> {
  const environment = readEnvironment();
  const info =
    environment.backend === 'wasm'
      ? await fallBack('YOLOV1_BACKEND=wasm')
      : await preferNative(environment.backend);
  await tf.ready();
  return info;
}

async function preferNative(forced: BackendName | undefined): Promise<BackendInfo> {
  try {
    const { version, device, note } = loadTensorFlow();
    return { name: 'tensorflow', version, device, cores: availableParallelism(), note };
  } catch (error) {
    const reason = messageOf(error);
    if (forced === 'tensorflow') throw new UserError(`YOLOV1_BACKEND=tensorflow: ${reason}`);
    return fallBack(reason);
  }
}

async function fallBack(reason: string): Promise<BackendInfo> {
  const version = await loadWasm();
  process.stderr.write(
    `yolov1: SLOW backend 'wasm' (several times slower than native TensorFlow): ${reason}\n`,
  );
  return { name: 'wasm', version, device: 'cpu', cores: 1, note: reason };
}
