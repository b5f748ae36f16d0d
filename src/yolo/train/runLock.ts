import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, UserError } from '../errors';

const LOCK = 'lock';

/**
 * Take a run directory for this process, so that two trainings never write into one. A lock whose process is gone is
 * taken over.
 *
 * @returns Gives the directory back.
 * @throws UserError if another process has it, or it can't be written.
 */
export async function lockRun(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, LOCK);
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      await mkdir(folder, { recursive: true });
      const file = await open(path, 'wx');
      await file.write(String(process.pid));
      await file.close();
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw new UserError(`${folder}: cannot use run directory (${messageOf(error)}); check permission`);
      }
      const holder = Number(await readFile(path, 'utf8').catch(() => ''));
      if (isRunning(holder)) {
        throw new UserError(
          `${folder}: process ${holder} is training here; wait for it, or give this run another name`,
        );
      }
      await rm(path, { force: true });
    }
  }
  throw new UserError(`${folder}: another process took the run directory; try again`);
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid < 1) {
    return false;
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
