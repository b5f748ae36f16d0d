import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NotebookError } from '../../errors';

/** Folder of the run records from the project's root. */
export const RUNS = 'report/runs';

/** A data set as a record names it. */
export interface StoredData {
  /** `VOC2012/train` and the like. */
  parts: readonly string[];
  pictures: number;
  fingerprint: string;
}

/** What the page tells of a run; read from its record.json. */
export interface StoredRun {
  name: string;
  key: string;
  /** `smoke`, `mini` or `full`. */
  profile: string;
  config: Readonly<Record<string, unknown>>;
  data: { train: StoredData; evaluate: StoredData };
  weights: { source: string; fingerprint: string };
  /** Version of the library. */
  code: string;
  backend: { name: string; version: string; device: string; cores: number };
  /** ISO 8601. */
  started: string;
  /** Wall-clock duration in seconds. */
  seconds: number;
}

const DATA = { parts: ['text'], pictures: 0, fingerprint: '' };

/** The form of a record: its fields, and of each the kind. */
const FORM = {
  key: '',
  profile: '',
  config: {},
  data: { train: DATA, evaluate: DATA },
  weights: { source: '', fingerprint: '' },
  code: '',
  backend: { name: '', version: '', device: '', cores: 0 },
  started: '',
  seconds: 0,
};

/** All run records of the project by name. */
export async function readStoredRuns(root: string): Promise<Map<string, StoredRun>> {
  const folders = await readdir(join(root, RUNS), { withFileTypes: true }).catch(() => []);
  // A record that is being written has a name of its own until it is whole.
  const names = folders.filter((entry) => entry.isDirectory() && !entry.name.endsWith('.tmp'));
  const runs = await Promise.all(names.map(({ name }) => readStoredRun(root, name)));
  return new Map(runs.map((run) => [run.name, run]));
}

/**
 * Reads what a run was.
 *
 * @param name - The record's folder under report/runs/.
 * @throws NotebookError with the file and the field if it is missing or damaged.
 */
async function readStoredRun(root: string, name: string): Promise<StoredRun> {
  const path = `${RUNS}/${name}/record.json`;
  let record: unknown;
  try {
    record = JSON.parse(await readFile(join(root, path), 'utf8'));
  } catch (error) {
    throw new NotebookError(
      `${path}: ${error instanceof Error ? error.message : error}; expected a run record`,
    );
  }
  checkForm(record, FORM, [], path);
  const run = { ...(record as object), name } as StoredRun;
  if (Number.isNaN(Date.parse(run.started))) {
    throw new NotebookError(`${path}: 'started' is '${run.started}', expected a date in ISO 8601`);
  }
  return run;
}

function checkForm(value: unknown, form: unknown, at: readonly string[], path: string): void {
  const kind = (thing: unknown) => (Array.isArray(thing) ? 'list' : thing === null ? 'null' : typeof thing);
  if (kind(value) !== kind(form)) {
    throw new NotebookError(`${path}: '${at.join('.')}' is ${kind(value)}, expected ${kind(form)}`);
  }
  if (Array.isArray(value)) {
    for (const [k, entry] of value.entries()) checkForm(entry, (form as unknown[])[0], [...at, `${k}`], path);
  } else if (typeof form === 'object') {
    for (const [name, inner] of Object.entries(form as object)) {
      checkForm((value as Record<string, unknown>)[name], inner, [...at, name], path);
    }
  }
}
