import { parseBytes } from './bytes';
import { DEVICES, type Device } from './devices';
import { gpuMemory } from './measure/nvidiaSmi';
import { residentSize } from './measure/residentSize';

/** Memory that a training may use, and how that is known. */
export interface MemoryBudget {
  /** Including what this process takes already. */
  bytes: number;
  /** In words. */
  source: string;
}

/** Options of {@link memoryBudget}. */
export interface BudgetOptions {
  /** By hand, such as `6GB`; then nothing is looked up. */
  given?: string;
  /** Where `given` comes from, for messages and as the source. Default: by hand. */
  name?: string;
  /** Where it will run. Default `cpu`. */
  device?: Device;
}

/**
 * The memory at hand: what was given by hand, else what a GPU has, else the smaller of the control group's limit and
 * what the machine has available; and no more than the device can ever use.
 *
 * @throws UserError if `given` is not a size.
 */
export function memoryBudget({ given, name, device = 'cpu' }: BudgetOptions = {}): MemoryBudget {
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
