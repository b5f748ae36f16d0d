import { availableParallelism } from 'node:os';
import * as tf from '@tensorflow/tfjs';
import { type BackendName, readEnvironment } from '../core/environment';
import { messageOf, UserError } from '../core/errors';
import { loadTensorFlow } from './tensorflow';
import { loadWasm } from './wasm/backend';
import { findAdapter, mayHaveGpu } from './webgpu/adapter';
import { loadWebGpu } from './webgpu/backend';

/** What computes, as a run records it. */
export interface BackendInfo {
  /** `tensorflow` (native library), `webgpu` or `wasm`. */
  readonly name: BackendName;
  /** TensorFlow's version, such as `2.21.0`, or that of the WebGPU or wasm kernels. */
  readonly version: string;
  /** `cuda` where TensorFlow computes on an NVIDIA GPU, `webgpu` where a GPU computes through WebGPU, else `cpu`. */
  readonly device: 'cpu' | 'cuda' | 'webgpu';
  /** Processor cores that TensorFlow may use; 1 on the other backends, whatever the machine has. */
  readonly cores: number;
  /** The GPU's name, why this backend, or what is unusual about it; empty if there is nothing to say. */
  readonly note: string;
}

let started: Promise<BackendInfo> | undefined;

/**
 * Chooses and starts the backend; later calls return the first one's answer.
 *
 * TensorFlow on CUDA comes first, then a real GPU through WebGPU, then TensorFlow on the processor, then wasm, which
 * says on stderr why and what to do. `YOLOV1_BACKEND` forces one of them.
 *
 * @throws {@link UserError} if `YOLOV1_BACKEND` names no backend, or one that doesn't start.
 */
export function initBackend(): Promise<BackendInfo> {
  started ??= start(readEnvironment().backend);
  return started;
}

async function start(forced: BackendName | undefined): Promise<BackendInfo> {
  const info = forced ? await startForced(forced) : await startBest();
  await tf.ready();
  return info;
}

async function startForced(name: BackendName): Promise<BackendInfo> {
  if (name === 'wasm') return startWasm('YOLOV1_BACKEND=wasm');
  try {
    return name === 'webgpu' ? await startWebGpu(true) : startTensorFlow();
  } catch (error) {
    throw new UserError(`YOLOV1_BACKEND=${name}: ${messageOf(error)}`);
  }
}

async function startBest(): Promise<BackendInfo> {
  let native: BackendInfo | undefined;
  let reason = '';
  try {
    native = startTensorFlow();
  } catch (error) {
    reason = messageOf(error);
  }
  if (native?.device !== 'cuda' && mayHaveGpu()) {
    try {
      return await startWebGpu(false);
    } catch (error) {
      process.stderr.write(`yolov1: not on the GPU: ${messageOf(error)}\n`);
    }
  }
  return native ?? startWasm(reason);
}

function startTensorFlow(): BackendInfo {
  const { version, device, note } = loadTensorFlow();
  return { name: 'tensorflow', version, device, cores: availableParallelism(), note };
}

/** @param software - Whether a processor that pretends to be a GPU will do. */
async function startWebGpu(software: boolean): Promise<BackendInfo> {
  const found = await findAdapter();
  if (found.software && !software) {
    throw new UserError(`WebGPU offers only ${found.name}, software that is slower than any other backend`);
  }
  const version = await loadWebGpu(found);
  return { name: 'webgpu', version, device: 'webgpu', cores: 1, note: found.name };
}

async function startWasm(reason: string): Promise<BackendInfo> {
  const version = await loadWasm();
  process.stderr.write(
    `yolov1: SLOW backend 'wasm' (several times slower than native TensorFlow): ${reason}\n`,
  );
  return { name: 'wasm', version, device: 'cpu', cores: 1, note: reason };
}
