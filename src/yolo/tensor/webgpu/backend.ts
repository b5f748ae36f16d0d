import * as tf from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { UserError } from '../../core/errors';
import { replaceKernels } from '../replaceKernels';
import type { SettlingBackend } from '../settle';
import type { FoundAdapter } from './adapter';
import { addInGroups } from './addInGroups';
import { BufferPool } from './bufferPool';
import { channelSums } from './channelSums';
import { DeviceErrors } from './deviceErrors';
import { filterGradient } from './filterGradient';
import { inputGradient } from './inputGradient';
import { maxPoolGradient } from './maxPoolGradient';

/** Limits that decide how large a tensor may be; without being asked for, they are those of the weakest device. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
] as const;

/**
 * Starts TensorFlow.js' WebGPU backend on an adapter and makes it the current one. Errors of the device are thrown by the
 * next read, or by `settle`.
 *
 * @returns Version of the backend.
 * @throws {@link UserError} if the adapter gives no device.
 */
export async function loadWebGpu({ adapter, name }: FoundAdapter): Promise<string> {
  const requiredLimits = Object.fromEntries(LIMITS.map((limit) => [limit, adapter.limits[limit]]));
  const device = await adapter.requestDevice({ requiredLimits }).catch((error: Error) => {
    throw new UserError(`WebGPU: ${name} gives no device (${error.message.split('\n')[0]})`);
  });
  const webgpu = await import('@tensorflow/tfjs-backend-webgpu');
  const backend = withNavigator(() => new webgpu.WebGPUBackend(device, adapter.info));
  watch(backend, new DeviceErrors(device));
  // In tiles that a workgroup keeps in its own memory; one thread a number takes longer.
  tf.env().set('WEBGPU_USE_NAIVE_CONV2D_TRANSPOSE', false);
  replaceKernels('webgpu', {
    AddN: addInGroups(),
    Conv2DBackpropFilter: filterGradient,
    Conv2DBackpropInput: inputGradient(),
    MaxPoolGrad: maxPoolGradient,
    Mean: channelSums('Mean'),
    Sum: channelSums('Sum'),
  });
  tf.registerBackend('webgpu', () => backend);
  if (!(await tf.setBackend('webgpu'))) throw new UserError('the WebGPU backend of tfjs did not start');
  return (require('@tensorflow/tfjs-backend-webgpu/package.json') as { version: string }).version;
}

/** Does something that looks for WebGPU where a browser has it. Left there, other libraries would take Node for one. */
function withNavigator<T>(make: () => T): T {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { value: { gpu: {} }, configurable: true });
  try {
    return make();
  } finally {
    if (before) Object.defineProperty(globalThis, 'navigator', before);
    else Reflect.deleteProperty(globalThis, 'navigator');
  }
}

/** Lets the backend throw what its device reports, and say in words what it can't do. */
function watch(backend: WebGPUBackend, errors: DeviceErrors): void {
  const read = backend.read.bind(backend);
  const readSync = backend.readSync.bind(backend);
  const pool = new BufferPool(backend);
  const reporting = <T>(work: () => Promise<T>) =>
    errors.during(work).catch((error) => {
      pool.distrust();
      throw error;
    });
  const own: Partial<SettlingBackend> = {
    read: (dataId) => reporting(() => read(dataId)),
    readSync(dataId) {
      if (backend.tensorMap.get(dataId).values == null) {
        throw new UserError(
          'dataSync: WebGPU in Node reads tensors asynchronously only: await tensor.data(), or set YOLOV1_BACKEND=wasm',
        );
      }
      return readSync(dataId);
    },
    settle: () =>
      reporting(async () => {
        backend.endComputePassEncoder();
        backend.ensureCommandEncoderReady();
        backend.submitQueue();
        await backend.device.queue.onSubmittedWorkDone();
      }),
  };
  Object.assign(backend, own);
}
