import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { readEnvironment } from '../../core/environment';

/**
 * Path of the first of these programs that is in `PATH`, or undefined.
 *
 * @param names - In order of preference.
 * @param searchPath - Default: `PATH`.
 */
export function findProgram(
  names: readonly string[],
  searchPath: string = readEnvironment().searchPath,
): string | undefined {
  const folders = searchPath.split(delimiter).filter((folder) => folder !== '');
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
