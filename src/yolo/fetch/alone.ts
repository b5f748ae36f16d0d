import { join } from 'node:path';
import { withLock } from '../backend/native/lock';
import { UserError } from '../errors';

/**
 * Does some work in a folder unless another process is fetching into it.
 *
 * @param name - What is fetched; different ones don't disturb each other.
 * @throws {@link UserError} if another process is at it.
 */
export function alone<T>(folder: string, name: string, work: () => Promise<T>): Promise<T> {
  const refuse = (holder: string) => {
    throw new UserError(`${folder}: ${holder} is fetching ${name} into it already; wait for it to end`);
  };
  return withLock(join(folder, `.${name}.lock`), refuse, work);
}
