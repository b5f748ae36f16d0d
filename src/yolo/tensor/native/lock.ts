import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The holder touches its lock this often ... */
const BEAT_MS = 2_000;
/** ... and one that was not touched for so long belongs to a process that is gone. */
const STALE_MS = 30_000;

/**
 * Does some work while no other process does work under the same lock.
 *
 * The lock spares double work and nothing else: work under it must not break when a holder that was asleep
 * for longer than the stale time wakes up again.
 *
 * @param file - The lock. It holds the name of the process, for whoever waits.
 * @param waiting - Told once who holds the lock, if it has to wait.
 * @param work - What to do.
 */
export async function withLock<T>(
  file: string,
  waiting: (holder: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  mkdirSync(dirname(file), { recursive: true });
  for (let told = false; !take(file); ) {
    if (isStale(file)) {
      rmSync(file, { force: true });
      continue;
    }
    if (!told) waiting(holderOf(file));
    told = true;
    await sleep(500);
  }
  const beat = setInterval(() => touch(file), BEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    rmSync(file, { force: true });
  }
}

function take(file: string): boolean {
  try {
    writeFileSync(file, `process ${process.pid} on ${hostname()}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function isStale(file: string): boolean {
  try {
    return Date.now() - statSync(file).mtimeMs > STALE_MS || holderIsDead(holderOf(file));
  } catch {
    // It was released between two looks: try to take it.
    return false;
  }
}

/** A holder on this machine whose process is gone need not be waited for. */
function holderIsDead(holder: string): boolean {
  const match = /^process (\d+) on (.*)$/.exec(holder);
  if (match?.[2] !== hostname()) return false;
  try {
    process.kill(Number(match[1]), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function holderOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return 'another process';
  }
}

function touch(file: string): void {
  try {
    const now = new Date();
    utimesSync(file, now, now);
  } catch {
    // Removed by hand: the work goes on, only unguarded.
  }
}
