import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { program } from './program';
import { PLATFORM_TAGS, type Runtime, type Target } from './wheel';

/** What decides whether one of TensorFlow's wheels can run here. */
export interface Platform {
  /** As `process.platform`. */
  readonly os: string;
  /** As `process.arch`. */
  readonly architecture: string;
  /** Version of the GNU C library, such as `2.36`; undefined on another one (Alpine's musl). */
  readonly glibc?: string;
  /** Whether the processor has the AVX instructions that the wheel for x86-64 is built with. */
  readonly avx: boolean;
  /** Version of the system's kernel, such as `21.6.0` of macOS 12. */
  readonly kernel: string;
}

/** The wheels are tagged manylinux_2_27 and macosx_12_0, whose kernel is Darwin 21. */
const OLDEST_GLIBC = [2, 27] as const;
const OLDEST_DARWIN = 21;
const TARGETS: readonly string[] = Object.keys(PLATFORM_TAGS);

/** Looks at this machine. */
export function detectPlatform(): Platform {
  const glibc = process.platform === 'linux' ? glibcVersion() : undefined;
  return {
    os: process.platform,
    architecture: process.arch,
    ...(glibc ? { glibc } : {}),
    avx: process.platform === 'linux' && processorHasAvx(),
    kernel: release(),
  };
}

/**
 * Why the native runtime can't be set up on a machine, or undefined if it can.
 *
 * @param platform - As {@link detectPlatform} returns it.
 */
export function platformRefused(platform: Platform): string | undefined {
  const { os, architecture, glibc, avx, kernel } = platform;
  if (!TARGETS.includes(`${os}-${architecture}`)) {
    return (
      `this is ${os} on ${architecture}; native TensorFlow is set up on Linux (x86-64, aarch64) and macOS (arm64) only; ` +
      'WebGPU or WebAssembly compute elsewhere'
    );
  }
  if (os === 'darwin') {
    return Number.parseInt(kernel, 10) >= OLDEST_DARWIN
      ? undefined
      : `native TensorFlow needs macOS 12 or newer, whose kernel is Darwin ${OLDEST_DARWIN}; here it is Darwin ${kernel}`;
  }
  if (!glibc) return 'native TensorFlow needs the GNU C library, which this Linux lacks (musl?)';
  const [major = 0, minor = 0] = glibc.split('.').map(Number);
  if (major * 1000 + minor < OLDEST_GLIBC[0] * 1000 + OLDEST_GLIBC[1]) {
    return `native TensorFlow needs glibc ${OLDEST_GLIBC.join('.')} or newer, here it is ${glibc}`;
  }
  if (architecture === 'x64' && !avx)
    return 'native TensorFlow needs a processor with AVX instructions, which this one lacks';
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

/** The wheels' name of a platform that is not refused. */
export function targetOf({ os, architecture }: Platform): Target {
  return `${os}-${architecture}` as Target;
}

/** The runtime for a machine with these GPUs: TensorFlow's wheels for CUDA are of Linux x86-64. */
export function runtimeFor(gpus: readonly string[], target: Target): Runtime {
  return gpus.length > 0 && target === 'linux-x64' ? 'cuda' : 'cpu';
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
