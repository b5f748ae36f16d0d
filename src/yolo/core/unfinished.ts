import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/** Ending of what is not complete: left behind only by a process that was killed. */
export const UNFINISHED = '.tmp';

/** Names that this very process gave: one that names it but is not among them is an earlier process's. */
const given = new Set<string>();

/** A new name beside `path` for what is to take its place when it is complete. */
export function unfinishedName(path: string): string {
  const name = `${path}.${process.pid}-${given.size}${UNFINISHED}`;
  given.add(resolve(name));
  return name;
}

/** Remove what processes that are gone did not finish writing beside `path`. A folder that isn't there holds none. */
export async function removeUnfinished(path: string): Promise<void> {
  const folder = dirname(path);
  const start = `${basename(path)}.`;
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const entry of entries) {
    const [, pid] =
      /^(\d+)(?:-\w+)?\.tmp$/.exec(entry.startsWith(start) ? entry.slice(start.length) : '') ?? [];
    const left = Number(pid) === process.pid ? !given.has(resolve(folder, entry)) : !isRunning(Number(pid));
    if (pid !== undefined && left) {
      await rm(join(folder, entry), { recursive: true, force: true });
    }
  }
}

/** Whether there is a process of this number. */
export function isRunning(pid: number): boolean {
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
