import { readFileSync, writeFileSync } from 'node:fs';

/** Bytes of this process that lie in the machine's memory. */
export function residentSize(): number {
  return process.memoryUsage.rss();
}

/**
 * The largest {@link residentSize} since the process began or {@link forgetPeakResidentSize}, in bytes. Without Linux's
 * /proc it is since the beginning.
 */
export function peakResidentSize(): number {
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)![1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

/**
 * Start the peak again from the present size.
 *
 * @returns Whether the system allows it; only Linux does.
 */
export function forgetPeakResidentSize(): boolean {
  try {
    // 5 stands for "the peak" in Linux's list of what can be cleared.
    writeFileSync('/proc/self/clear_refs', '5');
    return true;
  } catch {
    return false;
  }
}
