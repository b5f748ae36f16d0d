import { escapeMarkup } from '../../chart/escapeMarkup';
import type { Work } from '../read/bibliography';
import type { CrossReferences } from '../text/crossReferences';

/** The works that the site cites, by author and year; undefined if it cites none. */
export function referencesBlock(
  works: ReadonlyMap<string, Work>,
  references: CrossReferences,
): string | undefined {
  const cited = [...references.cited].map(([id, anchor]) => ({ work: works.get(id)!, anchor }));
  if (cited.length === 0) return undefined;
  const key = ({ work }: (typeof cited)[number]) => `${work.authors[0].family} ${work.year} ${work.title}`;
  cited.sort((a, b) => (key(a) < key(b) ? -1 : 1));
  const items = cited.map(({ work, anchor }) => `<li id="${anchor}">${workWords(work)}</li>`);
  return `<section class="notebook references">\n<ul>\n${items.join('\n')}\n</ul>\n</section>\n`;
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
