import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { NotebookError } from '../errors';

/**
 * The notebooks of a folder in reading order, which is that of their names.
 *
 * @param only - Beginnings of the names of those wanted, such as `03`. Default: all.
 * @throws {@link NotebookError} if there are none, or a beginning is nobody's.
 */
export function findNotebooks(folder: string, only: readonly string[] = []): string[] {
  let names: string[];
  try {
    names = readdirSync(folder)
      .filter((name) => name.endsWith('.ipynb'))
      .sort();
  } catch (error) {
    throw new NotebookError(`${folder}: cannot list the notebooks (${(error as Error).message})`);
  }
  if (names.length === 0) throw new NotebookError(`${folder}: no notebook; expected *.ipynb`);
  const beginnings = only.map((name) => basename(name));
  const unknown = beginnings.find((start) => !names.some((name) => name.startsWith(start)));
  if (unknown !== undefined) {
    throw new NotebookError(
      `no notebook's name begins with '${unknown}'; in ${folder} there are ${names.join(', ')}`,
    );
  }
  return names
    .filter((name) => only.length === 0 || beginnings.some((start) => name.startsWith(start)))
    .map((name) => join(folder, name));
}
