import { mkdir, rm, rmdir, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { messageOf, UserError } from './errors';
import { unfinishedName } from './unfinished';

/**
 * Looks whether a file can be written into a folder, which may not be there yet, before the work whose result goes there.
 * Leaves nothing behind.
 *
 * @param purpose - What is to be written, in the plural, for the message.
 * @returns The bytes that are free there.
 * @throws {@link UserError} if nothing can be written there.
 */
export async function requireWritable(folder: string, purpose: string): Promise<number> {
  const made: string[] = [];
  try {
    for (let above = resolve(folder); ; above = dirname(above)) {
      if (await stat(above).catch(() => undefined)) break;
      made.unshift(above);
    }
    await mkdir(folder, { recursive: true });
    const trial = unfinishedName(`${folder}/trial`);
    await writeFile(trial, 'x');
    await rm(trial);
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    throw new UserError(
      `${folder}: ${purpose} can't be written there (${messageOf(error)}); check space and permission`,
    );
  } finally {
    for (const one of made.reverse()) await rmdir(one).catch(() => undefined);
  }
}
