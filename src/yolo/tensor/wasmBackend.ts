import { dirname, join, sep } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { registerWasmKernels } from './wasm/register';

/**
 * Starts the wasm backend from the installed package's own files and makes it the current one.
 *
 * @returns Version of the wasm kernels.
 */
export async function loadWasm(): Promise<string> {
  const wasm = await import('@tensorflow/tfjs-backend-wasm');
  const folder = dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'));
  // Its worker threads don't start in Node: ask for none.
  wasm.setThreadsCount(1);
  wasm.setWasmPaths(join(folder, 'dist') + sep);
  registerWasmKernels();
  if (!(await tf.setBackend('wasm'))) throw new Error('the wasm backend of tfjs did not start');
  return wasm.version_wasm;
}
