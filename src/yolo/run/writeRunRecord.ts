import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, UserError } from '../core/errors';
import { removeUnfinished, unfinishedName } from '../core/unfinished';
import { writeWholeFile } from '../core/wholeFile';
import { readRunRecord, recordFolders } from '../record/readRunRecord';
import { recordHash } from '../record/runKey';
import { type ExperimentResult, FILES, FORMAT, type RunRecord } from '../record/runRecord';

/** A record that is to be written. */
export interface NewRecord extends Omit<ExperimentResult, 'path' | 'record'> {
  record: Omit<RunRecord, 'format' | 'hash'>;
}

/**
 * Write a record into `folder/<name>`, replacing one of the same key as a whole: a reader sees the old record or the
 * new one, never a mixture. Beside a record of another key it goes to a folder of its own.
 *
 * @returns The record's folder.
 * @throws UserError if it can't be written.
 */
export async function writeRunRecord(
  folder: string,
  { record, metrics, evaluation, memory }: NewRecord,
): Promise<string> {
  const target = await freeFolder(folder, record.name, record.key);
  const [fresh, old] = [unfinishedName(target), unfinishedName(target)];
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  try {
    await mkdir(folder, { recursive: true });
    await removeUnfinished(target);
    await mkdir(fresh);
    await writeWholeFile(
      join(fresh, FILES.metrics),
      metrics.map((line) => `${JSON.stringify(line)}\n`).join(''),
    );
    await writeWholeFile(join(fresh, FILES.evaluation), json(evaluation));
    // A record that was read brings its old hash along.
    const { hash: _, ...whole }: Omit<RunRecord, 'hash'> & { hash?: string } = { format: FORMAT, ...record };
    if (memory) {
      await writeWholeFile(join(fresh, FILES.memory), json(memory));
    }
    const hash = recordHash(whole, { metrics, evaluation, memory });
    await writeWholeFile(join(fresh, FILES.record), json({ ...whole, hash }));
    const replaces = existsSync(target);
    if (replaces) {
      await rename(target, old);
    }
    try {
      await rename(fresh, target);
    } catch (error) {
      if (replaces) {
        await rename(old, target);
      }
      throw error;
    }
  } catch (error) {
    await rm(fresh, { recursive: true, force: true }).catch(() => undefined);
    throw new UserError(
      `${target}: cannot write run record (${messageOf(error)}); check space and permission`,
    );
  }
  // The new record stands; what can't be removed now goes when the next one is written.
  await rm(old, { recursive: true, force: true }).catch(() => undefined);
  return target;
}

/** Where a record goes: over one of the same key, never over one of another. */
async function freeFolder(folder: string, name: string, key: string): Promise<string> {
  const [plain, keyed] = recordFolders(folder, name, key);
  if (!existsSync(plain)) {
    return plain;
  }
  const other = await readRunRecord(plain).catch(() => undefined);
  return !other || other.record.key === key ? plain : keyed;
}
