import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { messageOf, UserError } from '../core/errors';
import { isRunning, unfinishedName } from '../core/unfinished';

const LOCK = 'lock';
/** Other processes may come and go meanwhile, each at most once. */
const ATTEMPTS = 4;

/** Folders that this very process has: a lock that names it but is not among them is an earlier process's. */
const held = new Set<string>();

/**
 * Take a run directory for this process, so that two trainings never write into one. A lock whose process is gone is
 * taken over, also where its number was given to another process since, as happens in containers.
 *
 * @returns Gives the directory back.
 * @throws UserError if another process has it, or it can't be written.
 */
export async function lockRun(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, LOCK);
  const place = resolve(path);
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      await mkdir(folder, { recursive: true });
      if (await createLock(path)) {
        held.add(place);
        return async () => {
          held.delete(place);
          // One that can't be removed is taken over next time; the error that led here matters more.
          await rm(path, { force: true }).catch(() => undefined);
        };
      }
      const text = await readFile(path, 'utf8').catch(unlessGone);
      if (text !== undefined) {
        const holder = Number(text.split(' ')[0]);
        if (holder === process.pid ? held.has(place) : isRunning(holder) && (await isSame(holder, text))) {
          throw new UserError(
            `${folder}: process ${holder} is training here; wait for it, or give this run another name`,
          );
        }
        await removeStale(path, text);
      }
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      `${folder}: cannot use run directory (${messageOf(error)}); check space and permission`,
    );
  }
  throw new UserError(`${folder}: other processes keep taking the run directory; try again`);
}

/** Whether there was none and now there is ours. */
async function createLock(path: string): Promise<boolean> {
  const mine = unfinishedName(path);
  try {
    await writeFile(mine, await identity(process.pid));
    // Unlike a file that is created and then filled, a link shows nobody an empty lock.
    await link(mine, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(mine, { force: true }).catch(() => undefined);
  }
}

/** Of several processes that find the same stale lock, one moves it away; who moved another's new lock puts it back. */
async function removeStale(path: string, text: string): Promise<void> {
  const aside = unfinishedName(path);
  try {
    await rename(path, aside);
    if ((await readFile(aside, 'utf8')) !== text) {
      await link(aside, path);
    }
  } catch (error) {
    unlessGone(error as NodeJS.ErrnoException);
  } finally {
    await rm(aside, { force: true }).catch(() => undefined);
  }
}

function unlessGone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
}

/** Whether the process that has the number now is the one that wrote the lock. */
async function isSame(pid: number, text: string): Promise<boolean> {
  const now = await identity(pid);
  return !text.includes(' ') || !now.includes(' ') || now === text;
}

/** A process's number and, where the system tells it, when it was started (in ticks since the system was). */
async function identity(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The second field, the program's name in brackets, may hold blanks; the start is the 20th after it.
  const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return started ? `${pid} ${started}` : String(pid);
}
