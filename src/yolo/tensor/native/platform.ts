import { readFileSync } from 'node:fs';
import { program } from './program';
import type { Runtime } from './wheel';

/** What decides whether TensorFlow's Linux wheel can run here. */
export interface Platform {
  /** As `process.platform`. */
  readonly os: string;
  /** As `process.arch`. */
  readonly architecture: string;
  /** Version of the GNU C library, such as `2.36`; undefined on another one (Alpine's musl). */
  readonly glibc?: string;
  /** Whether the processor has the AVX instructions that the wheel is built with. */
  readonly avx: boolean;
}

/** The wheels are tagged manylinux_2_27. */
const OLDEST_GLIBC = [2, 27] as const;

/** Looks at this machine. */
export function detectPlatform(): Platform {
  const glibc = process.platform === 'linux' ? glibcVersion() : undefined;
  return {
    os: process.platform,
    architecture: process.arch,
    ...(glibc ? { glibc } : {}),
    avx: process.platform === 'linux' && processorHasAvx(),
  };
}

/**
 * Why the native runtime can't be set up on a machine, or undefined if it can.
 *
 * @param platform - As {@link detectPlatform} returns it.
 */
export function platformRefused(platform: Platform): string | undefined {
  const { os, architecture, glibc, avx } = platform;
  if (os !== 'linux' || architecture !== 'x64') {
    return `this is ${os} on ${architecture}; native TensorFlow is set up on Linux x86-64 only`;
  }
  if (!glibc) return 'native TensorFlow needs the GNU C library, which this Linux lacks (musl?)';
  const [major = 0, minor = 0] = glibc.split('.').map(Number);
  if (major * 1000 + minor < OLDEST_GLIBC[0] * 1000 + OLDEST_GLIBC[1]) {
    return `native TensorFlow needs glibc ${OLDEST_GLIBC.join('.')} or newer, here it is ${glibc}`;
  }
  if (!avx) return 'native TensorFlow needs a processor with AVX instructions, which this one lacks';
  return undefined;
}

/** Names of the NVIDIA GPUs that the driver shows; empty without a driver. */
export async function detectGpus(): Promise<string[]> {
  const listing = await program('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader']);
  return listing === undefined ? [] : gpuNames(listing);
}

/**
 * GPU names from what nvidia-smi prints, one a line.
 *
 * @param listing - Output of `nvidia-smi --query-gpu=name --format=csv,noheader`.
 */
export function gpuNames(listing: string): string[] {
  return listing
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/no devices|failed|error/i.test(line));
}

/** The runtime for a machine with these GPUs. */
export function runtimeFor(gpus: readonly string[]): Runtime {
  return gpus.length > 0 ? 'cuda' : 'cpu';
}

function glibcVersion(): string | undefined {
  const report = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  return report.header.glibcVersionRuntime;
}

function processorHasAvx(): boolean {
  try {
    return /^flags\s*:.*\bavx\b/m.test(readFileSync('/proc/cpuinfo', 'utf8'));
  } catch {
    // No way to tell: let the library itself say so when it is first loaded.
    return true;
  }
}
