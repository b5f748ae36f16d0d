import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import * as v from 'valibot';
import { checkArguments, PATH, TEXT } from '../core/arguments';
import { explaining, UserError } from '../core/errors';
import { firstFaultIn } from '../core/form';
import { UNFINISHED } from '../core/unfinished';
import { recordHash } from './runKey';
import { type ExperimentResult, FILES, FORMAT, type MetricsLine, type RunRecord } from './runRecord';

const NUMBER = v.number('a number');
const DATA = v.looseObject(
  { parts: v.array(TEXT, 'a list'), pictures: NUMBER, fingerprint: TEXT },
  'an object',
);

/** What every reader relies on; a record may hold more. */
const FORM = v.looseObject(
  {
    name: TEXT,
    key: TEXT,
    profile: TEXT,
    config: v.looseObject({}, 'an object'),
    data: v.looseObject({ train: DATA, evaluate: DATA }, 'an object'),
    weights: v.looseObject({ source: TEXT, fingerprint: TEXT }, 'an object'),
    code: TEXT,
    backend: v.looseObject({ name: TEXT, version: TEXT, device: TEXT, cores: NUMBER }, 'an object'),
    started: v.pipe(
      TEXT,
      v.check((date) => !Number.isNaN(Date.parse(date)), 'a date in ISO 8601'),
    ),
    seconds: NUMBER,
  },
  'an object',
);

const EVALUATION = v.looseObject(
  {
    epochs: v.array(v.unknown(), 'a list'),
    final: v.looseObject(
      { pooled: v.looseObject({}, 'an object'), years: v.looseObject({}, 'an object') },
      'an object',
    ),
  },
  'an object',
);

/**
 * Read the record in one folder: what the run was, its metrics, evaluation and memory, exactly as they were written.
 *
 * @param path - The record's folder, such as `report/runs/04-right-mini`.
 * @throws UserError if it is incomplete, damaged, altered, of another format, or another run's than the folder's name
 * says.
 */
export async function readRunRecord(path: string): Promise<ExperimentResult> {
  checkArguments('readRunRecord', { path }, { path: PATH });
  const advice = 'delete the folder to train again';
  const read = (file: string) =>
    explaining(`${join(path, file)}: cannot read run record`, advice, () =>
      readFile(join(path, file), 'utf8'),
    );
  return explaining(`${path}: damaged run record`, advice, async () => {
    const record = JSON.parse(await read(FILES.record)) as RunRecord;
    if (record?.format !== FORMAT) throw new Error(`format ${record?.format}, expected ${FORMAT}`);
    expectForm(FORM, record, FILES.record);
    const lines = (await read(FILES.metrics)).split('\n').filter(Boolean);
    const metrics = lines.map((line) => JSON.parse(line) as MetricsLine);
    const evaluation = JSON.parse(await read(FILES.evaluation));
    const memory = existsSync(join(path, FILES.memory))
      ? { memory: JSON.parse(await read(FILES.memory)) }
      : {};
    const { hash, ...values } = record;
    if (hash !== recordHash(values, { metrics, evaluation, ...memory })) {
      throw new Error('its files are not as they were written');
    }
    expectForm(EVALUATION, evaluation, FILES.evaluation);
    const [folder, place] = [basename(resolve(path)), recordFolders('', record.name, record.key)];
    if (!place.includes(folder)) {
      throw new UserError(
        `${path}: the run record of '${record.name}', not of '${folder}'; give the folder back its name, ${place.join(' or ')}`,
      );
    }
    return { path, record, metrics, evaluation, ...memory };
  });
}

/** The records of a folder, and what was wrong with those that can't be read. */
export interface RunRecords {
  /** In the order of their folders' names. */
  results: ExperimentResult[];
  /** One line for each folder whose record is damaged, altered, incomplete, of another format or another run's. */
  damaged: string[];
}

/**
 * Read every record of a folder. A damaged one does not keep the others from being read: whoever wants all of them
 * looks at `damaged`. A record that is being written has a name of its own until it is whole, and is left out.
 *
 * @param folder - Folder that holds the records, such as `report/runs`.
 * @throws UserError if there is no such folder.
 */
export async function readRunRecords(folder: string): Promise<RunRecords> {
  checkArguments('readRunRecords', { folder }, { folder: PATH });
  const entries = await explaining(`${folder}: cannot read run records`, 'give the folder they lie in', () =>
    readdir(folder, { withFileTypes: true }),
  );
  const names = entries.filter(
    (entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.endsWith(UNFINISHED),
  );
  const found: RunRecords = { results: [], damaged: [] };
  for (const { name } of names.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (await isEmpty(join(folder, name))) continue;
    try {
      found.results.push(await readRunRecord(join(folder, name)));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      found.damaged.push(error.message);
    }
  }
  return found;
}

/**
 * The record of this name and key, or undefined. A missing or empty folder means no record. A name can have several
 * records, of different configurations, data or weights: the first lies in `<name>`, the others in
 * `<name>-<start of the key>`.
 *
 * @param folder - Folder that holds the records.
 * @param name - Name of the run.
 * @param key - Key of its configuration, data and weights, as `record.key` of a record has it.
 * @throws UserError if there is none of this key, and one under this name is damaged: it may have been it.
 */
export async function findRunRecord(
  folder: string,
  name: string,
  key: string,
): Promise<ExperimentResult | undefined> {
  checkArguments('findRunRecord', { folder, name, key }, { folder: PATH, name: TEXT, key: TEXT });
  let damaged: unknown;
  for (const path of recordFolders(folder, name, key)) {
    if (await isEmpty(path)) continue;
    const result = await readRunRecord(path).catch((error) => {
      damaged ??= error;
    });
    if (result?.record.key === key) return result;
  }
  if (damaged) throw damaged;
  return undefined;
}

/** Whether a folder holds nothing, as one that isn't there. */
async function isEmpty(path: string): Promise<boolean> {
  return (await readdir(path).catch(() => [])).length === 0;
}

/** Where a record may lie: under its name, or where that is taken, under name and key. */
export function recordFolders(folder: string, name: string, key: string): [string, string] {
  return [join(folder, name), join(folder, `${name}-${key.slice(0, 8)}`)];
}

function expectForm(form: v.GenericSchema, value: unknown, file: string): void {
  const fault = firstFaultIn(form, value);
  if (fault) throw new Error(`${fault} in ${file}`);
}
