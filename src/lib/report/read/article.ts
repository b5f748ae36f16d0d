import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NotebookError } from '../../errors';

/** The first page of the site, in Markdown; a site without it begins with its first chapter. */
export const ARTICLE = 'report/article.md';

/** @throws NotebookError if the file can't be read or has no title. */
export async function readArticle(root: string): Promise<string | undefined> {
  const text = await readFile(join(root, ARTICLE), 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return undefined;
    throw new NotebookError(`${ARTICLE}: cannot be read (${error.message})`);
  });
  if (text !== undefined && !/^# \S/.test(text)) {
    throw new NotebookError(`${ARTICLE}: begins without a title, expected '# Title'`);
  }
  return text;
}
