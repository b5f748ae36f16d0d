import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { explaining, messageOf, UserError } from '../../core/errors';
import { removeUnfinished, unfinishedName } from '../../core/unfinished';
import { writeWholeFile } from '../../core/wholeFile';
import { recordFolders } from '../../record/readRunRecord';
import { recordHash } from '../../record/runKey';
import { type ExperimentResult, FILES, FORMAT, type RunRecord } from '../../record/runRecord';

/** A record that is to be written. */
export interface NewRecord extends Omit<ExperimentResult, 'path' | 'record'> {
  record: Omit<RunRecord, 'format' | 'hash'>;
}

/**
 * Write a record into `folder/<name>`, replacing one of the same key as a whole: a reader sees the old record or the
 * new one, never a mixture. Beside a record of another key, or one that can't be read, it goes to a folder of its own.
 *
 * @returns What a reader of the record will find.
 * @throws UserError if it can't be written.
 */
export async function writeRunRecord(
  folder: string,
  { record, metrics, evaluation, memory }: NewRecord,
): Promise<ExperimentResult> {
  const path = await freeFolder(folder, record.name, record.key);
  // The hash is of the values as JSON holds them: a NaN, such as the mean of no numbers, becomes null.
  const kept = JSON.parse(JSON.stringify({ metrics, evaluation, ...(memory ? { memory } : {}) }));
  // A record that was read brings its old hash along.
  const { hash: _, ...values }: Omit<RunRecord, 'hash'> & { hash?: string } = { format: FORMAT, ...record };
  const whole: RunRecord = { ...JSON.parse(JSON.stringify(values)), hash: recordHash(values, kept) };
  const result: ExperimentResult = { path, record: whole, ...kept };
  const [fresh, old] = [unfinishedName(path), unfinishedName(path)];
  try {
    await mkdir(folder, { recursive: true });
    await removeUnfinished(path);
    await mkdir(fresh);
    await writeFiles(fresh, result);
    await replace(path, fresh, old);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true }).catch(() => undefined);
    throw new UserError(`${path}: cannot write run record (${messageOf(error)}); check space and permission`);
  }
  // The new record stands; what can't be removed now goes when the next one is written.
  await rm(old, { recursive: true, force: true }).catch(() => undefined);
  return result;
}

async function writeFiles(
  folder: string,
  { record, metrics, evaluation, memory }: ExperimentResult,
): Promise<void> {
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  const lines = metrics.map((line) => `${JSON.stringify(line)}\n`);
  await writeWholeFile(join(folder, FILES.metrics), lines.join(''));
  await writeWholeFile(join(folder, FILES.evaluation), json(evaluation));
  if (memory) await writeWholeFile(join(folder, FILES.memory), json(memory));
  await writeWholeFile(join(folder, FILES.record), json(record));
}

/** Put a folder in the place of one that may be there, which keeps its place if that fails. */
async function replace(path: string, fresh: string, old: string): Promise<void> {
  const replaces = existsSync(path);
  if (replaces) await rename(path, old);
  try {
    await rename(fresh, path);
  } catch (error) {
    if (replaces) await rename(old, path);
    throw error;
  }
}

/** Finds a record's folder: its name or one of the same key; else, as under a file of its name, name and key. */
async function freeFolder(folder: string, name: string, key: string): Promise<string> {
  const [plain, keyed] = recordFolders(folder, name, key);
  const isFree = await explaining(`${plain}: cannot write run record`, 'check space and permission', () =>
    readdir(plain).then(
      (names) => names.length === 0,
      (error) => {
        if (error.code === 'ENOENT') return true;
        if (error.code === 'ENOTDIR') return false;
        throw error;
      },
    ),
  );
  return isFree || (await keyIn(plain)) === key ? plain : keyed;
}

/** The key that a record says it has, damaged or not. */
async function keyIn(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(join(path, FILES.record), 'utf8')).key;
  } catch {
    return undefined;
  }
}
