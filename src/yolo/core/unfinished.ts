import { readlinkSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { hashOf } from './hashOf';

/** Ending of what is not complete: left behind only by a process that was killed. */
export const UNFINISHED = '.tmp';

/** What another machine or container has not written to for so long, it has left behind. */
const STALE_MS = 24 * 3600_000;

/** Stands for this machine and container: elsewhere a process number says nothing. */
const HERE = hashOf([hostname(), spaceOfNumbers()]).slice(0, 8);

/** Names that this very process gave: one that names it but is not among them is an earlier process's. */
const given = new Set<string>();

/** A new name beside `path` for what is to take its place when it is complete. */
export function unfinishedName(path: string): string {
  const name = `${path}.${process.pid}-${HERE}-${given.size}${UNFINISHED}`;
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
    const [, pid, place] =
      /^(\d+)(?:-(\w+))?-\d+\.tmp$/.exec(entry.startsWith(start) ? entry.slice(start.length) : '') ?? [];
    if (pid === undefined) continue;
    const path = join(folder, entry);
    if (place === HERE ? isLeft(Number(pid), path) : await isStale(path)) {
      await rm(path, { recursive: true, force: true });
    }
  }
}

/** Whether the process of this machine that gave a name is gone. */
function isLeft(pid: number, path: string): boolean {
  return pid === process.pid ? !given.has(resolve(path)) : !isRunning(pid);
}

async function isStale(path: string): Promise<boolean> {
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
  return Date.now() - mtimeMs > STALE_MS;
}

/** Within which process numbers are told apart: each container has its own; empty where the system doesn't tell. */
export function spaceOfNumbers(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
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
