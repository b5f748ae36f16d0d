import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Resident size of this process, in MiB.
 *
 * @param which - Now, or the largest since {@link forgetPeak}.
 * @returns NaN (in JSON null) where the system is not Linux.
 */
export function residentSize(which: 'now' | 'peak'): number {
  try {
    const line = new RegExp(`^${which === 'now' ? 'VmRSS' : 'VmHWM'}:\\s+(\\d+) kB$`, 'm');
    return Number(line.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}

/** Start the peak again from the present size: loading a library takes more than the loaded library does. */
export function forgetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Not Linux, or not allowed: then the peak includes the loading.
  }
}
