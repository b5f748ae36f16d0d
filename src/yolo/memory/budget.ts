import { parseBytes } from './bytes';
import { gpuMemory } from './nvidiaSmi';
import { residentSize } from './residentSize';

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
  /** Where `given` comes from, for messages. Default `memory`. */
  name?: string;
  /** Where it will run. Default `cpu`. */
  device?: 'cpu' | 'cuda' | 'webgpu';
}

/**
 * The memory at hand: what was given by hand, else what a GPU has, else the smaller of the control group's limit and
 * what the machine has available.
 *
 * @throws UserError if `given` is not a size.
 */
export function memoryBudget({ given, name, device = 'cpu' }: BudgetOptions = {}): MemoryBudget {
  if (given !== undefined) {
    return { bytes: parseBytes(given, name), source: 'given by hand' };
  }
  const gpu = device === 'cpu' ? undefined : gpuMemory();
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
        source: `available memory of the machine${device === 'cpu' ? '' : ", since the GPU's is not known"}`,
      };
}
