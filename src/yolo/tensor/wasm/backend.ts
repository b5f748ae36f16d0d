import { dirname, join, sep } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { type KernelArguments, replaceKernels } from '../replaceKernels';
import { filterGradient, inputGradient } from './convolutionGradients';
import { type MaxPoolAttributes, maxPoolGradient } from './maxPoolGradient';
import { segmentSum } from './segmentSum';

const KERNELS: Readonly<Record<string, (args: KernelArguments) => tf.Tensor>> = {
  Conv2DBackpropFilter: ({ inputs, attrs }) =>
    filterGradient(
      inputs.x as tf.Tensor4D,
      inputs.dy as tf.Tensor4D,
      attrs as unknown as Parameters<typeof filterGradient>[2],
    ),
  Conv2DBackpropInput: ({ inputs, attrs }) =>
    inputGradient(
      inputs.dy as tf.Tensor4D,
      inputs.filter as tf.Tensor4D,
      attrs as unknown as Parameters<typeof inputGradient>[2],
    ),
  MaxPoolGrad: ({ inputs, attrs }) =>
    maxPoolGradient(
      inputs.dy as tf.Tensor4D,
      inputs.input as tf.Tensor4D,
      attrs as unknown as MaxPoolAttributes,
    ),
  UnsortedSegmentSum: ({ inputs, attrs }) =>
    segmentSum(inputs.x, inputs.segmentIds, Number(attrs.numSegments)),
};

/**
 * Starts the wasm backend from the installed package's own files, with the kernels that it lacks, and makes it the
 * current one.
 *
 * @returns Version of the wasm kernels.
 */
export async function loadWasm(): Promise<string> {
  const wasm = await import('@tensorflow/tfjs-backend-wasm');
  const folder = dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'));
  // Its worker threads don't start in Node: ask for none.
  wasm.setThreadsCount(1);
  wasm.setWasmPaths(join(folder, 'dist') + sep);
  replaceKernels('wasm', KERNELS);
  if (!(await tf.setBackend('wasm'))) throw new Error('the wasm backend of tfjs did not start');
  return wasm.version_wasm;
}
