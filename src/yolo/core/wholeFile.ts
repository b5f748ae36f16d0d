import { createHash } from 'node:crypto';
import { type FileHandle, open, realpath, rename, rm } from 'node:fs/promises';
import { checkArguments, listOf, PATH } from './arguments';
import { explaining } from './errors';
import { unfinishedName } from './unfinished';

/** Most bytes of one read or write; the system itself takes no more than 2 GiB at once. */
const CHUNK = 2 ** 28;
const PARTS = listOf(
  'texts and bytes',
  (part) => typeof part === 'string' || part instanceof Uint8Array || Symbol.asyncIterator in Object(part),
);

/**
 * Write a file that appears whole or not at all: a temporary file beside it, flushed to the disk, then renamed. A disk
 * that takes only a part of it is an error, which the one call of `write` that other writers rely on does not report.
 *
 * @param path - In a folder that is there.
 * @param parts - Its content, one after the other; what comes in pieces is asked for them when it is written.
 * @returns SHA-256 of the content, in hexadecimal.
 * @throws The system's error; what stood there before is then unchanged. UserError for an argument of another kind.
 */
export async function writeWholeFile(
  path: string,
  ...parts: (string | Uint8Array | AsyncIterable<Uint8Array>)[]
): Promise<string> {
  checkArguments('writeWholeFile', { path, parts }, { path: PATH, parts: PARTS });
  const target = await realpath(path).catch(() => path);
  const fresh = unfinishedName(target);
  const hash = createHash('sha256');
  try {
    const file = await open(fresh, 'wx');
    try {
      for (const part of parts) {
        const content = typeof part === 'string' ? Buffer.from(part) : part;
        for await (const bytes of content instanceof Uint8Array ? [content] : content) {
          hash.update(bytes);
          await writeAll(file, bytes);
        }
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, target);
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => undefined);
    throw error;
  }
  return hash.digest('hex');
}

/**
 * Write what a user asked for, and put what the system says of a failure into words.
 *
 * @throws UserError `PATH: can't be written (what the system says); check folder, space and permission`, or the one
 * that `write` throws.
 */
export function writing<T>(path: string, write: () => Promise<T>): Promise<T> {
  return explaining(`${path}: can't be written`, 'check folder, space and permission', write);
}

/** A file's content, also where it has more than the 2 GiB that `readFile` takes. */
export async function readWholeFile(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(size);
    let done = 0;
    while (done < size) {
      const { bytesRead } = await file.read(bytes, done, Math.min(CHUNK, size - done), done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return bytes.subarray(0, done);
  } finally {
    await file.close();
  }
}

/** Make what was renamed within a folder last through a power cut. @throws The system's error. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    const { bytesWritten } = await file.write(bytes, done, Math.min(CHUNK, bytes.byteLength - done));
    if (bytesWritten === 0) {
      throw new Error(`the disk took ${done} of ${bytes.byteLength} bytes`);
    }
    done += bytesWritten;
  }
}
