import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { NotebookError } from '../errors';

/**
 * The notebooks of a folder in reading order, which is that of their names.
 *
 * @param only - Beginning of the one wanted, such as `03`. Default: all.
 * @throws {@link NotebookError} if there are none, or `only` fits none or several.
 */
export function findNotebooks(folder: string, only?: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder)
      .filter((name) => name.endsWith('.ipynb'))
      .sort();
  } catch (error) {
    throw new NotebookError(`${folder}: can not be read (${(error as Error).message})`);
  }
  if (names.length === 0) throw new NotebookError(`${folder}: has no notebooks (*.ipynb)`);
  const chosen = only === undefined ? names : names.filter((name) => name.startsWith(basename(only)));
  if (only !== undefined && chosen.length !== 1) {
    const found = chosen.length === 0 ? 'no notebook begins' : 'several notebooks begin';
    throw new NotebookError(`${found} with '${basename(only)}' in ${folder}: there are ${names.join(', ')}`);
  }
  return chosen.map((name) => join(folder, name));
}
