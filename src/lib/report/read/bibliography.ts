import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { escapeMarkup } from '../../chart/escapeMarkup';
import { NotebookError } from '../../errors';
import type { CrossReferences } from '../text/crossReferences';
import { requireId, requireText } from './fields';

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

/**
 * The works of the bibliography by id; none if there is no file.
 *
 * @throws NotebookError with the file and the entry for what can't be used.
 */
export async function readBibliography(root: string): Promise<Map<string, Work>> {
  const text = await readFile(join(root, BIBLIOGRAPHY), 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return '[]';
    throw new NotebookError(`${BIBLIOGRAPHY}: cannot be read (${error.message})`);
  });
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (error) {
    throw new NotebookError(`${BIBLIOGRAPHY}: ${(error as Error).message}; expected a JSON file`);
  }
  if (!Array.isArray(list)) throw new NotebookError(`${BIBLIOGRAPHY}: expected a list of works in CSL-JSON`);
  const works = new Map<string, Work>();
  for (const [index, entry] of list.entries()) {
    const work = readWork(Object(entry), `${BIBLIOGRAPHY}: work ${index + 1}`);
    if (works.has(work.id)) throw new NotebookError(`${BIBLIOGRAPHY}: two works have the id '${work.id}'`);
    works.set(work.id, work);
  }
  return works;
}

function readWork(entry: Record<string, unknown>, place: string): Work {
  const text = (value: unknown, field: string) => requireText(value, place, field);
  const id = requireId(entry.id, place);
  const year: unknown = Object(Object(entry.issued)['date-parts'])[0]?.[0];
  if (!Number.isInteger(year)) {
    throw new NotebookError(`${place} ('${id}'): 'issued' has no year, expected {"date-parts": [[2016]]}`);
  }
  const url = text(entry.URL, 'URL');
  if (!/^https?:\/\//.test(url))
    throw new NotebookError(`${place} ('${id}'): URL '${url}', expected http or https`);
  const authors = Array.isArray(entry.author) ? entry.author : [];
  if (authors.length === 0) throw new NotebookError(`${place} ('${id}'): no author`);
  return {
    id,
    title: text(entry.title, 'title'),
    authors: authors.map((author) => ({
      family: text(Object(author).family, 'author.family'),
      given: text(Object(author).given, 'author.given'),
    })),
    year: year as number,
    venue: text(entry['container-title'], 'container-title'),
    url,
  };
}

/** The works that the page cites, by author and year. */
export function referencesSection(works: ReadonlyMap<string, Work>, references: CrossReferences): string {
  const cited = [...references.cited].map(([id, anchor]) => ({ work: works.get(id)!, anchor }));
  if (cited.length === 0) return '';
  const key = ({ work }: (typeof cited)[number]) => `${work.authors[0].family} ${work.year} ${work.title}`;
  cited.sort((a, b) => (key(a) < key(b) ? -1 : 1));
  const id = references.namePart('references');
  references.headings.push({ id, level: 2, html: 'References' });
  const items = cited.map(({ work, anchor }) => `<li id="${anchor}">${workWords(work)}</li>`);
  return (
    `<section class="notebook references">\n<h2 id="${id}">References</h2>\n` +
    `<ul>\n${items.join('\n')}\n</ul>\n</section>\n`
  );
}

function workWords({ authors, year, title, venue, url }: Work): string {
  const names = authors.map(({ family, given }) => `${family}, ${initials(given)}`);
  const words = names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : names[0];
  const address = escapeMarkup(url);
  return (
    `${escapeMarkup(words)} (${year}). <cite>${escapeMarkup(title)}</cite>. ${escapeMarkup(venue)}. ` +
    `<a href="${address}" rel="noopener">${escapeMarkup(url.replace(/^https?:\/\//, ''))}</a>`
  );
}

/** `Tsung-Yi` to `T.-Y.` */
function initials(given: string): string {
  return given.replace(/(\p{L})[\p{L}'’.]*/gu, '$1.');
}
