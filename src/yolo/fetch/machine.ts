import { open, statfs } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** A file that is being written. */
export interface WritableFile {
  write(
    data: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** What fetching asks of the machine beside the network. Tests put disks and clocks of their own in its place. */
export interface Machine {
  /** Opens a file for writing; flags as of `fs.open`. */
  open(path: string, flags: number | string): Promise<WritableFile>;
  /** Bytes that a user may still write to the file system of a folder. */
  freeBytes(folder: string): Promise<number>;
  /** Waits before the next attempt; rejects when the signal is aborted. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** A server that sends nothing for so many milliseconds is given up. */
  readonly stallMilliseconds: number;
}

/** This machine. */
export const MACHINE: Machine = {
  open: (path, flags) => open(path, flags, 0o644),
  freeBytes: async (folder) => {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },
  wait: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
  stallMilliseconds: 30_000,
};

/** Writes all of it: one call of the system may write less. */
export async function writeAll(file: WritableFile, data: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < data.length; ) {
    const { bytesWritten } = await file.write(data, done, data.length - done, position + done);
    if (bytesWritten === 0) throw new Error(`the disk took ${done} of ${data.length} bytes`);
    done += bytesWritten;
  }
}
