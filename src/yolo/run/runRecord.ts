import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, UserError } from '../core/errors';
import { hashOf } from '../core/hashOf';
import { removeUnfinished, unfinishedName } from '../core/unfinished';
import { writeWholeFile } from '../core/wholeFile';
import type { BackendInfo } from '../tensor/backend';
import type { RunMemory } from './trainingMemory';

/** Form of the record's files; raised when it changes so that an older reader refuses it. */
const FORMAT = 1;
const RECORD = 'record.json';
const METRICS = 'metrics.jsonl';
const EVALUATION = 'evaluation.json';
const MEMORY = 'memory.json';

/** A data set as a record names it. */
export interface DataUsed {
  /** `VOC2012/train` and the like. */
  parts: string[];
  pictures: number;
  /** Hash of the id lists and annotations. */
  fingerprint: string;
}

/** What a run was: enough to repeat it and to tell whether a result still belongs to a configuration. */
export interface RunRecord {
  format: number;
  name: string;
  /** Hash of config, data and weights: what the result is keyed by. */
  key: string;
  /** `smoke`, `mini` or `full`; numbers of different profiles never share a table without a label. */
  profile: string;
  config: object;
  data: { train: DataUsed; evaluate: DataUsed };
  weights: { source: string; fingerprint: string };
  /** Version of the library; provenance only. */
  code: string;
  backend: BackendInfo;
  /** ISO 8601, start of the run. */
  started: string;
  /** Wall-clock duration in seconds. */
  seconds: number;
  /** Hash of all the record's values, metrics and evaluation included. */
  hash: string;
}

/** One line of metrics.jsonl; numbers by name, `kind` tells steps from epochs. */
export interface MetricsLine {
  kind: 'step' | 'epoch';
  epoch: number;
  step: number;
  [name: string]: number | string;
}

/** A record with its results. */
export interface RunResult<Evaluation> {
  /** Folder of the record. */
  path: string;
  record: RunRecord;
  metrics: MetricsLine[];
  evaluation: Evaluation;
  /** What training took; older records have none. */
  memory?: RunMemory;
}

/**
 * Hash of a configuration. A field that is null says "without", so it counts like one that is not there: a field added
 * later with that default leaves the keys of older records as they are.
 */
export function configHash(config: object): string {
  return hashOf(Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null)));
}

/** The key of a result: what was configured, on which data, from which weights. */
export function runKey(config: object, data: RunRecord['data'], weights: RunRecord['weights']): string {
  return hashOf([configHash(config), data.train.fingerprint, data.evaluate.fingerprint, weights.fingerprint]);
}

/**
 * Write a record into `folder/<name>`, replacing one of the same key as a whole: a reader sees the old record or the
 * new one, never a mixture. Beside a record of another key it goes to a folder of its own.
 *
 * @returns The record's folder.
 * @throws UserError if it can't be written.
 */
export async function writeRunRecord<Evaluation>(
  folder: string,
  {
    record,
    metrics,
    evaluation,
    memory,
  }: Omit<RunResult<Evaluation>, 'path' | 'record'> & { record: Omit<RunRecord, 'format' | 'hash'> },
): Promise<string> {
  const target = await freeFolder(folder, record.name, record.key);
  const [fresh, old] = [unfinishedName(target), unfinishedName(target)];
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  try {
    await mkdir(folder, { recursive: true });
    await removeUnfinished(target);
    await mkdir(fresh);
    await writeWholeFile(join(fresh, METRICS), metrics.map((line) => `${JSON.stringify(line)}\n`).join(''));
    await writeWholeFile(join(fresh, EVALUATION), json(evaluation));
    // A record that was read brings its old hash along.
    const { hash: _, ...whole }: Omit<RunRecord, 'hash'> & { hash?: string } = { format: FORMAT, ...record };
    if (memory) {
      await writeWholeFile(join(fresh, MEMORY), json(memory));
    }
    const hash = hashOf([whole, metrics, evaluation, ...(memory ? [memory] : [])]);
    await writeWholeFile(join(fresh, RECORD), json({ ...whole, hash }));
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

/**
 * Read the record in one folder.
 *
 * @throws UserError if it is incomplete, damaged or of another format.
 */
export async function readRunRecord<Evaluation>(path: string): Promise<RunResult<Evaluation>> {
  const load = async (file: string) => {
    try {
      return await readFile(join(path, file), 'utf8');
    } catch (error) {
      throw new UserError(
        `${join(path, file)}: cannot read run record (${messageOf(error)}); delete the folder to train again`,
      );
    }
  };
  try {
    const record = JSON.parse(await load(RECORD)) as RunRecord;
    if (record.format !== FORMAT) {
      throw new Error(`format ${record.format}, expected ${FORMAT}`);
    }
    for (const field of ['name', 'key', 'profile', 'started'] as const) {
      if (typeof record[field] !== 'string') throw new Error(`no ${field} in ${RECORD}`);
    }
    for (const field of ['config', 'weights', 'backend'] as const) {
      if (!isObject(record[field])) throw new Error(`no ${field} in ${RECORD}`);
    }
    if (!isObject(record.data?.train) || !isObject(record.data?.evaluate)) {
      throw new Error(`no data in ${RECORD}`);
    }
    const metrics = (await load(METRICS))
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as MetricsLine);
    const evaluation = JSON.parse(await load(EVALUATION)) as Evaluation;
    const memory = existsSync(join(path, MEMORY))
      ? { memory: JSON.parse(await load(MEMORY)) as RunMemory }
      : {};
    const { hash, ...rest } = record;
    if (hash !== hashOf([rest, metrics, evaluation, ...Object.values(memory)])) {
      throw new Error('its files are not as they were written');
    }
    return { path, record, metrics, evaluation, ...memory };
  } catch (error) {
    if (error instanceof UserError) {
      throw error;
    }
    throw new UserError(
      `${path}: damaged run record (${messageOf(error)}); delete the folder to train again`,
    );
  }
}

/**
 * The record of this name and key, or undefined. A missing folder means no record. A name can have several records, of
 * different data or weights: the first lies in `<name>`, the others in `<name>-<start of the key>`.
 */
export async function findRunRecord<Evaluation>(
  folder: string,
  name: string,
  key: string,
): Promise<RunResult<Evaluation> | undefined> {
  for (const path of recordFolders(folder, name, key)) {
    const result = existsSync(path) ? await readRunRecord<Evaluation>(path) : undefined;
    if (result?.record.key === key) {
      return result;
    }
  }
  return undefined;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function recordFolders(folder: string, name: string, key: string): [string, string] {
  return [join(folder, name), join(folder, `${name}-${key.slice(0, 8)}`)];
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
