import { allOptional, checkArguments, TEXT } from '../core/arguments';
import { oneOf } from '../core/form';
import { parseBytes } from './bytes';
import { DEVICES, type Device } from './devices';
import { gpuMemory } from './measure/nvidiaSmi';
import { residentSize } from './measure/residentSize';

/** Memory that a training may use, and how that is known. */
export interface MemoryBudget {
  /** Bytes, including those that this process takes already. */
  bytes: number;
  /** Origin of the figure, in words. */
  source: string;
}

/** Options of {@link memoryBudget}. */
export interface BudgetOptions {
  /** A budget by hand, such as `6GB`; then nothing is looked up. */
  given?: string;
  /** Origin of `given`, for messages and as the source. Default: by hand. */
  name?: string;
  /** Device of the training. Default `cpu`. */
  device?: Device;
}

const OPTIONS = allOptional({ given: TEXT, name: TEXT, device: oneOf(Object.keys(DEVICES)) });

/**
 * The memory budget: the one given by hand, else the GPU's memory, else the smaller of the control group's limit and
 * the memory that the machine has available; never more than the device can use.
 *
 * @param options - The device, and a budget by hand where there is one.
 * @throws UserError if `given` is not a size.
 */
export function memoryBudget(options: BudgetOptions = {}): MemoryBudget {
  checkArguments('memoryBudget', { options }, { options: OPTIONS });
  const { given, name, device = 'cpu' } = options;
  const budget =
    given === undefined
      ? memoryFound(device)
      : { bytes: parseBytes(given, name), source: name ?? 'given by hand' };
  const { most = Number.POSITIVE_INFINITY } = DEVICES[device];
  return budget.bytes > most ? { bytes: most, source: `all that ${device} can use` } : budget;
}

function memoryFound(device: Device): MemoryBudget {
  const onGpu = device === 'cuda' || device === 'webgpu';
  const gpu = onGpu ? gpuMemory() : undefined;
  if (gpu) {
    return { bytes: gpu.free + (gpu.process ?? 0), source: `free memory of the GPU (${gpu.source})` };
  }
  const available = process.availableMemory() + residentSize();
  const limit = process.constrainedMemory();
  // Without a limit Node answers 0, or a number larger than any memory.
  return limit > 0 && limit < available
    ? { bytes: limit, source: 'limit of the control group' }
    : {
        bytes: available,
        source: `available memory of the machine${onGpu ? ", since the GPU's is not known" : ''}`,
      };
}
