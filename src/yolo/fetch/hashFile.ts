import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { messageOf, UserError } from '../core/errors';
import type { FetchProgress } from './progress';

/**
 * Hash of a file's content, hexadecimal.
 *
 * @param signal - Ends the work; its reason is thrown.
 * @throws {@link UserError} if it can't be read.
 */
export async function hashFile(
  path: string,
  algorithm: 'md5' | 'sha256',
  signal: AbortSignal,
  progress: FetchProgress,
): Promise<string> {
  const hash = createHash(algorithm);
  try {
    progress.begin(`checking ${basename(path)}`, (await stat(path)).size, 0);
    let done = 0;
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
      signal.throwIfAborted();
      hash.update(chunk as Buffer);
      done += (chunk as Buffer).length;
      progress.advance(done);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw new UserError(`${path}: cannot be read (${messageOf(error)}); check disk and permission`);
  } finally {
    progress.end();
  }
  return hash.digest('hex');
}
