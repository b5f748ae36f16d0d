import { execFileSync } from 'node:child_process';

/** The GPU's memory as nvidia-smi tells it, in bytes. */
export interface GpuMemory {
  total: number;
  free: number;
  /** Memory of the whole GPU that is in use by any process. */
  used: number;
  /** Memory of this process alone; absent where the driver does not tell, as in most containers. */
  process?: number;
  source: string;
}

const MIB = 2 ** 20;
/** A driver that hangs must not hang the training. */
const PATIENCE_MS = 5000;

/**
 * Memory of the first GPU that this process may see.
 *
 * @param run - Runs nvidia-smi with arguments; for tests.
 * @returns Undefined without nvidia-smi or a GPU.
 */
export function gpuMemory(run: (args: string[]) => string = nvidiaSmi): GpuMemory | undefined {
  try {
    const memory = parseGpu(run(['--query-gpu=memory.total,memory.free,memory.used', ...CSV]));
    if (!memory) {
      return undefined;
    }
    const own = parseProcesses(run(['--query-compute-apps=pid,used_memory', ...CSV])).get(process.pid);
    return own === undefined
      ? { ...memory, source: 'nvidia-smi, whole GPU' }
      : { ...memory, process: own, source: 'nvidia-smi, this process' };
  } catch {
    return undefined;
  }
}

const CSV = ['--format=csv,noheader,nounits'];

function nvidiaSmi(args: string[]): string {
  return execFileSync('nvidia-smi', args, {
    encoding: 'utf8',
    timeout: PATIENCE_MS,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

/** `6144, 5120, 1024` of the first line, in MiB; undefined if it is something else. */
export function parseGpu(text: string): { total: number; free: number; used: number } | undefined {
  const [total, free, used] = text
    .split('\n', 1)[0]
    .split(',')
    .map((cell) => Number.parseInt(cell, 10) * MIB);
  return total > 0 && free >= 0 && used >= 0 ? { total, free, used } : undefined;
}

/** Lines `1234, 567`: process id and MiB. A process whose memory is not told is left out. */
export function parseProcesses(text: string): Map<number, number> {
  const found = new Map<number, number>();
  for (const line of text.split('\n')) {
    const [pid, used] = line.split(',').map((cell) => Number.parseInt(cell, 10));
    if (pid > 0 && used >= 0) {
      found.set(pid, (found.get(pid) ?? 0) + used * MIB);
    }
  }
  return found;
}
