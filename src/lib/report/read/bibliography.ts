import * as v from 'valibot';
import { checkIds, listOf, NAME, readForm, WORDS } from './form';

/** The bibliography from the project's root: a list in CSL-JSON, which reference managers write. */
export const BIBLIOGRAPHY = 'report/bibliography.json';

/** A work that can be cited. */
export interface Work {
  id: string;
  title: string;
  authors: readonly { family: string; given: string }[];
  year: number;
  /** Where it appeared. */
  venue: string;
  /** Where it can be read. */
  url: string;
}

/** A work as CSL-JSON has it, as far as it is shown. */
const ENTRY = v.looseObject(
  {
    id: NAME,
    title: WORDS,
    author: listOf(v.looseObject({ family: WORDS, given: WORDS }, 'a name')),
    issued: v.looseObject(
      { 'date-parts': listOf(listOf(v.pipe(v.number('a year'), v.integer('a year')))) },
      'a date such as {"date-parts": [[2016]]}',
    ),
    'container-title': WORDS,
    URL: v.pipe(WORDS, v.regex(/^https?:\/\//, 'http or https')),
  },
  'a work in CSL-JSON',
);

/**
 * The works of the bibliography by id; none if there is no file.
 *
 * @throws NotebookError with the file and the entry for what can't be used.
 */
export async function readBibliography(root: string): Promise<Map<string, Work>> {
  const list = (await readForm(root, BIBLIOGRAPHY, v.array(ENTRY, 'a list of works in CSL-JSON'))) ?? [];
  checkIds(list, BIBLIOGRAPHY);
  return new Map(
    list.map((entry) => [
      entry.id,
      {
        id: entry.id,
        title: entry.title,
        authors: entry.author,
        year: entry.issued['date-parts'][0][0],
        venue: entry['container-title'],
        url: entry.URL,
      },
    ]),
  );
}
