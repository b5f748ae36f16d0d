import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../core/errors';
import { withLock } from '../core/lock';
import { cannotWrite } from './disk';

/**
 * Does some work in a folder unless another process is fetching into it.
 *
 * @param folder - Made if it isn't there.
 * @param name - What is fetched; different ones don't disturb each other.
 * @throws {@link UserError} if another process is at it, or the folder can't be made or written to.
 */
export async function alone<T>(folder: string, name: string, work: () => Promise<T>): Promise<T> {
  const lock = join(folder, `.${name}.lock`);
  const refuse = (holder: string) => {
    throw new UserError(`${folder}: ${holder} is fetching ${name} into it already; wait for it to end`);
  };
  try {
    await mkdir(folder, { recursive: true });
    return await withLock(lock, refuse, work);
  } catch (error) {
    // Whatever the system says against a file is for the user to mend.
    const { path, syscall } = error as NodeJS.ErrnoException;
    throw syscall === undefined || path === undefined || error instanceof UserError
      ? error
      : cannotWrite(path === lock ? folder : path, error);
  }
}
