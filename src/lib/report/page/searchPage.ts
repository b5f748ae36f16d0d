import { escapeMarkup } from '../../chart/escapeMarkup';
import { pathBetween } from '../text/crossReferences';

/** Address of the page. */
export const SEARCH_PAGE = 'search/';

/** A page as the search reads it. */
export interface SearchedPage {
  address: string;
  /** HTML of its title, without links. */
  title: string;
  /** HTML of its text. */
  html: string;
}

/** Where something stands, and the words there. */
interface Entry {
  page: SearchedPage;
  id: string;
  title: string;
  text: string;
}

/** Begins an entry: a heading, a figure or table with its number, a claim. */
const START = /<(?:h[1-6]|figure|tr|div class="folded") (?:class="[^"]*" )?id="([^"]*)"[^>]*>/g;
/** Longest text of an entry that is searched, characters. */
const LONGEST = 4000;

/**
 * The index of the whole site, and the words that a script finds in it: no request is made, so that it works from disk.
 * Without script it is a list of all that the site has.
 */
export function searchBlock(pages: readonly SearchedPage[]): string {
  const entries = pages.flatMap(entriesOf);
  const lists = pages.map((page) => {
    const items = entries
      .filter((entry) => entry.page === page)
      .map(
        ({ id, title }) =>
          `<li><a href="${pathBetween(SEARCH_PAGE, page.address)}#${id}">${escapeMarkup(title)}</a></li>`,
      );
    return `<h2>${page.title}</h2>\n<ul class="index">\n${items.join('\n')}\n</ul>\n`;
  });
  const texts = JSON.stringify(entries.map(({ text }) => text)).replaceAll('<', '\\u003c');
  return (
    '<section class="notebook search">\n' +
    '<p class="filter" hidden><label>Search the site <input type="search" autocomplete="off"></label> <span role="status"></span></p>\n' +
    `<div class="entries">\n${lists.join('')}</div>\n<script type="application/json" id="texts">${texts}</script>\n</section>\n`
  );
}

function entriesOf(page: SearchedPage): Entry[] {
  const starts = [...page.html.matchAll(START)];
  return starts.map((start, k) => {
    const part = page.html.slice(start.index, starts[k + 1]?.index);
    const text = wordsOf(part);
    return { page, id: start[1], title: titleOf(start[0], part, text), text: text.slice(0, LONGEST) };
  });
}

/** Of a figure its caption, of a heading its words, of others the first words. */
function titleOf(opening: string, part: string, text: string): string {
  const caption = opening.startsWith('<figure')
    ? /<figcaption>([\s\S]*?)<\/figcaption>/.exec(part)?.[1]
    : undefined;
  const heading = /^<h[1-6][^>]*>([\s\S]*?)(?: <a class="anchor"|<\/h[1-6]>)/.exec(part)?.[1];
  const words = wordsOf(heading ?? caption ?? '') || text;
  return words.length > 110 ? `${words.slice(0, 107)}...` : words;
}

/** Text of HTML as a reader sees it, without drawings, code and the second form of equations. */
function wordsOf(html: string): string {
  return html
    .replace(/<(svg|pre|script|annotation|details)\b[\s\S]*?<\/\1>/g, ' ')
    .replace(/<span class="katex-html"[\s\S]*?<\/span><\/span><\/span>/g, ' ')
    .replace(/<a class="anchor"[\s\S]*?<\/a>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ')
    .replace(/ ([.,;:)])/g, '$1')
    .trim();
}
