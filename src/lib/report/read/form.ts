import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { checkForm } from 'yolov1/form';
import { NotebookError } from '../../errors';

/** Words, at least one. */
export const WORDS = v.pipe(
  v.string('text'),
  v.check((text) => text.trim() !== '', 'text'),
);

/** A name to link to. */
export const NAME = v.pipe(
  WORDS,
  v.regex(/^[a-z][a-z0-9-]*$/, 'lower-case letters, digits and hyphens, a letter first'),
);

/** A list with at least one entry. */
export function listOf<T extends v.GenericSchema>(entry: T) {
  return v.pipe(v.array(entry, 'a list'), v.minLength(1, 'a list with an entry'));
}

/**
 * One of the report's JSON files.
 *
 * @param path - From the project's root.
 * @returns Undefined if there is no such file.
 * @throws NotebookError with the file and all of its faults.
 */
export async function readForm<T extends v.GenericSchema>(
  root: string,
  path: string,
  form: T,
): Promise<v.InferOutput<T> | undefined> {
  const text = await readFile(join(root, path), 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return undefined;
    throw new NotebookError(`${path}: cannot be read (${error.message})`);
  });
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new NotebookError(`${path}: ${(error as Error).message}; expected a JSON file`);
  }
  try {
    checkForm(form, value, path);
  } catch (error) {
    throw new NotebookError((error as Error).message);
  }
  return value as v.InferOutput<T>;
}

/** @throws NotebookError for two entries of a file with the same id. */
export function checkIds(entries: readonly { id: string }[], path: string): void {
  const ids = entries.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) < index);
  if (twice !== undefined) throw new NotebookError(`${path}: two entries have the id '${twice}'`);
}
