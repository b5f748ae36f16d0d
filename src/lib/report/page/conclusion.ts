import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NotebookError } from '../../errors';
import type { Place } from '../read/place';
import { Footnotes } from '../text/footnotes';
import { renderMarkdown, renderProse } from '../text/markdown';
import type { PageContext } from './section';

/** What the page ends with, in Markdown; nothing where there is no such file. */
export const CONCLUSION = 'report/conclusion.md';

const PLACE: Place = { notebook: CONCLUSION, kind: 'file', cell: 1 };

/** @throws NotebookError if the file can't be read or has no title. */
export async function readConclusion(root: string): Promise<string | undefined> {
  const text = await readFile(join(root, CONCLUSION), 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return undefined;
    throw new NotebookError(`${CONCLUSION}: cannot be read (${error.message})`);
  });
  if (text !== undefined && !/^# \S/.test(text)) {
    throw new NotebookError(`${CONCLUSION}: begins without a title, expected '# Title'`);
  }
  return text;
}

/** What follows from the notebooks: text as in one of them, checked and linked in the same way. */
export function conclusionSection(text: string, common: PageContext): string {
  const footnotes = new Footnotes(common.references);
  const page = { ...common, footnotes, vouched: new Set<string>() };
  const body = renderMarkdown(text, { ...page, place: PLACE });
  const notes = footnotes.list((note, place) => renderProse(note, { ...page, place }));
  return `<section class="notebook conclusion">\n${body}${notes}</section>\n`;
}
