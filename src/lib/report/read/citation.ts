import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NotebookError } from '../../errors';

/** How the project is cited, from its root. */
export const CITATION = 'CITATION.cff';

/** Which state of the project the site shows. */
export interface Edition {
  version: string;
  /** Day of its release, `2026-11-27`. */
  date: string;
}

/**
 * Version and date as CITATION.cff has them; undefined if there is no such file.
 *
 * @throws NotebookError if it lacks one of them.
 */
export async function readEdition(root: string): Promise<Edition | undefined> {
  const text = await readFile(join(root, CITATION), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const field = (name: string) => new RegExp(`^${name}: *"?([\\w.-]+)"?\\s*$`, 'm').exec(text)?.[1];
  const [version, date] = [field('version'), field('date-released')];
  if (version && date) return { version, date };
  throw new NotebookError(
    `${CITATION}: lacks '${version ? 'date-released' : 'version'}', such as 'version: 0.1.0'`,
  );
}
