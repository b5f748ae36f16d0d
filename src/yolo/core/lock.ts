import { constants, readFileSync } from 'node:fs';
import { copyFile, link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { isRunning, spaceOfNumbers, unfinishedName } from './unfinished';
import { writeWholeFile } from './wholeFile';

/** The holder gives a sign of life this often ... */
const BEAT_MS = 5_000;
/** ... from when it has held its lock for so long (what ends before needs none) ... */
const FIRST_BEAT_MS = 1_000;
/** ... and one of another machine or container that gave none for so long is gone. */
const STALE_MS = 60_000;
/** How often a lock that is waited for is looked at. */
const LOOK_MS = 500;

/** Who holds a lock. */
interface Holder {
  process: number;
  /** When that process was started, in ticks since its system was; empty where the system doesn't tell. */
  started: string;
  host: string;
  /** Within which process numbers are told apart: each container has its own; empty where the system doesn't tell. */
  space: string;
}

/** Locks of this very process: a file that names it but is not among them is an earlier process's. */
const held = new Set<string>();

/** A lock that this process holds. */
export class Lock {
  private beat?: Worker;
  private readonly timer: NodeJS.Timeout;

  private constructor(
    private readonly path: string,
    private readonly text: string,
  ) {
    held.add(resolve(path));
    this.timer = setTimeout(() => this.startBeat(), FIRST_BEAT_MS).unref();
  }

  /**
   * Take a lock. That of a process that is gone is taken over: on this machine at once, also where its number was given
   * to another process since; one of another machine or container when it has given no sign of life for a minute.
   *
   * @param path - The lock's file. Its folder is made if it isn't there.
   * @returns The lock, or in words who holds it.
   * @throws The system's error where the file can't be written.
   */
  static async take(path: string): Promise<Lock | string> {
    const text = `${JSON.stringify(me())}\n`;
    for (;;) {
      // Looked for first: who waits for a lock comes here again and again.
      const found = await read(path);
      if (!found) {
        await mkdir(dirname(path), { recursive: true });
        if (await create(path, text)) return new Lock(path, text);
        continue;
      }
      const age = (await now(path)) - found.modified;
      if (isHeld(path, found.text, age)) return wordsOf(found.text, age);
      await removeStale(path, found.text);
    }
  }

  /** Whether it is still this process's: one that slept for long may have lost it to another. */
  async isMine(): Promise<boolean> {
    return (await read(this.path))?.text === this.text;
  }

  /** Give it back. A file that can't be removed is taken over next time. */
  async release(): Promise<void> {
    clearTimeout(this.timer);
    await this.beat?.terminate();
    held.delete(resolve(this.path));
    if (await this.isMine().catch(() => false)) {
      await rm(this.path, { force: true }).catch(() => undefined);
    }
  }

  /** A thread of its own, since a training step keeps the main one busy for as long as it takes. */
  private startBeat(): void {
    const { path, text } = this;
    this.beat = new Worker(BEAT, { eval: true, workerData: { path, text, every: BEAT_MS } });
    this.beat.on('error', () => undefined).unref();
  }
}

/** The file is written, so that its time is by the clock of the file system, which all who look share. */
const BEAT = `
const { readFileSync, writeFileSync } = require('node:fs');
const { path, text, every } = require('node:worker_threads').workerData;
setInterval(() => {
  try {
    if (readFileSync(path, 'utf8') === text) writeFileSync(path, text, { flag: 'r+' });
  } catch {
    // Removed by hand, or a disk that is away for a while: the work goes on.
  }
}, every);
`;

/**
 * Do some work while no other process does work under the same lock.
 *
 * @param waiting - Told once who holds the lock, if it has to wait; what it throws ends the waiting.
 * @throws The system's error where the file can't be written.
 */
export async function withLock<T>(
  path: string,
  waiting: (holder: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  let lock = await Lock.take(path);
  if (typeof lock === 'string') waiting(lock);
  while (typeof lock === 'string') {
    await sleep(LOOK_MS);
    lock = await Lock.take(path);
  }
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

function isHeld(path: string, text: string, age: number): boolean {
  const holder = parsed(text);
  const here = me();
  if (holder?.host !== here.host || holder.space !== here.space) return age < STALE_MS;
  if (holder.process === process.pid) return held.has(resolve(path));
  return isRunning(holder.process) && (holder.started === '' || holder.started === startOf(holder.process));
}

function wordsOf(text: string, age: number): string {
  const holder = parsed(text);
  if (!holder) return `another process (which gave a sign of life ${seconds(age)} s ago)`;
  const { process: number, host, space } = holder;
  const here = me();
  return host === here.host && space === here.space
    ? `process ${number}`
    : `process ${number} on ${host} (which gave a sign of life ${seconds(age)} s ago, and counts as gone after ${seconds(STALE_MS)} s without one)`;
}

function seconds(milliseconds: number): number {
  return Math.max(0, Math.round(milliseconds / 1000));
}

function parsed(text: string): Holder | undefined {
  try {
    const { process, started, host, space } = JSON.parse(text);
    const whole =
      Number.isSafeInteger(process) && [started, host, space].every((one) => typeof one === 'string');
    return whole ? { process, started, host, space } : undefined;
  } catch {
    return undefined;
  }
}

function me(): Holder {
  return { process: process.pid, started: startOf(process.pid), host: hostname(), space: spaceOfNumbers() };
}

/** When a process was started; empty where the system doesn't tell. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the program's name in brackets, may hold blanks; the start is the 20th after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/**
 * Make a lock's file, unless there is one. It appears with its holder in it: half of one, left by a full disk, would be
 * nobody's for a minute.
 */
async function create(path: string, text: string): Promise<boolean> {
  const fresh = unfinishedName(path);
  try {
    await writeWholeFile(fresh, text);
    await link(fresh, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') throw error;
      // A file system without links.
      return copyFile(fresh, path, constants.COPYFILE_EXCL);
    });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    await rm(fresh, { force: true }).catch(() => undefined);
  }
}

/** What a lock says and when it was written last; undefined where it was released meanwhile. */
async function read(path: string): Promise<{ text: string; modified: number } | undefined> {
  try {
    const { mtimeMs } = await stat(path);
    return { text: await readFile(path, 'utf8'), modified: mtimeMs };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}

/** The time by the clock of the file system on which a file lies. */
async function now(path: string): Promise<number> {
  const fresh = unfinishedName(path);
  try {
    await writeFile(fresh, '');
    return (await stat(fresh)).mtimeMs;
  } finally {
    await rm(fresh, { force: true }).catch(() => undefined);
  }
}

/** Of several processes that find the same stale lock, one moves it away; who moved another's new lock puts it back. */
async function removeStale(path: string, text: string): Promise<void> {
  const aside = unfinishedName(path);
  try {
    await rename(path, aside);
    if ((await readFile(aside, 'utf8')) !== text) await copyFile(aside, path, constants.COPYFILE_EXCL);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EEXIST') throw error;
  } finally {
    await rm(aside, { force: true }).catch(() => undefined);
  }
}
