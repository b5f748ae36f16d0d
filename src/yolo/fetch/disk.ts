import { messageOf, UserError } from '../core/errors';
import type { Machine } from './machine';
import { megabytes } from './progress';

/**
 * Refuses to begin what can't fit.
 *
 * @param bytes - What is to be written.
 * @param purpose - For what, as it is said to the user.
 * @throws {@link UserError} if the folder's file system has less left.
 */
export async function requireSpace(
  machine: Machine,
  folder: string,
  bytes: number,
  purpose: string,
): Promise<void> {
  const free = await machine.freeBytes(folder);
  if (free < bytes) {
    throw new UserError(
      `${folder}: ${megabytes(free)} of disk are free, ${purpose} needs ${megabytes(bytes)}; free some or give another folder with --to`,
    );
  }
}

/** What a failed write means to the user. */
export function cannotWrite(path: string, error: unknown): UserError {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new UserError(
        `${path}: the disk is full; free some space and run the same command again, it goes on where it stopped`,
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new UserError(
        `${path}: no permission to write there; give another folder with --to, or change the permission`,
      );
    default:
      return new UserError(`${path}: can't be written (${messageOf(error)}); check the path and the disk`);
  }
}
