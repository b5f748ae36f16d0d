import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { BIBLIOGRAPHY } from '../read/bibliography';
import { checkQuote } from '../read/facts';
import { errorAt, type Place } from '../read/place';
import { type Numbered, numberMark, slug } from './crossReferences';
import type { Page, Spot } from './page';

/** Name to link to of the title of a notebook or another file. */
export function titleName(notebook: string): string {
  return slug(posix.basename(notebook).replace(/\.(?:ipynb|md)$/, ''));
}

/** A reference that the page numbers; without a page, the label in it is what the figure or equation bears. */
const NUMBERED = /^(figure|table|equation)(?: \(([^)]*)\))?$/i;

/** A page of the site by its folder, such as `try/`. */
const SITE_PAGE = /^[a-z][a-z0-9-]*\/$/;

/** A link as the page has it. */
export interface PageLink {
  href: string;
  /** What a quoted number is, for the tooltip. */
  title?: string;
  /** Of a link such as `Figure (label)`: its first word, and what stands for the number behind it. */
  numbered?: { word: string; number: string };
}

/**
 * The address that a link in a notebook's Markdown gets on the page: other notebooks and headings are on the page
 * itself, files of the project are where its source is. A link into a JSON file under report/, such as
 * `[31.4 %](../report/runs/03-sigmoid-mini/evaluation.json#final.pooled.map)`, quotes the value of that name: its text
 * must be the value, and it leads to what is told of the run. One into report/bibliography.json cites the work of that id.
 * The folder of a page of the site, such as `try/`, leads to that page.
 *
 * @param text - The link's text without markup.
 * @throws NotebookError with the place for a link to a file or value that does not exist and for a quoted number that is
 * another one; links inside the page are noted in the references and checked when the page is whole.
 */
export function resolveLink(href: string, text: string, context: Spot): PageLink {
  const reference = NUMBERED.exec(text);
  if (reference && href.startsWith('#')) {
    const [, word, named] = reference;
    const label = href.slice(1);
    if (named !== label) {
      throw errorAt(
        context.place,
        `link '${text}' to '#${label}'; expected '[${word} (${label})](${href})', which a notebook's reader can follow by eye`,
      );
    }
    context.page.refer(label, context.place, word.toLowerCase() as Numbered);
    return { href, numbered: { word, number: numberMark(label) } };
  }
  return quote(href, text, context) ?? { href: address(href, context) };
}

/** Figures from outside of the project, each group with its `source` in words. */
export const SOURCES = 'report/sources.json';

/** A JSON file of results and, behind the `#`, a name in it. */
const QUOTE = /^[^#:]*\.json#(.+)$/;

function quote(href: string, text: string, context: Spot): PageLink | undefined {
  const { place, page } = context;
  const { facts, folder, references } = page.project;
  const name = QUOTE.exec(href)?.[1];
  if (name === undefined) return undefined;
  const path = posix.normalize(posix.join(folder, decode(href.split('#', 1)[0], place)));
  if (!path.startsWith('report/')) return undefined;
  const value = decode(name, place);
  if (path === BIBLIOGRAPHY) return cite(value, context);
  checkQuote(text, facts.get(path, value, place), `${path}#${value}`, place);
  const run = /^report\/runs\/([^/]+)\/[^/]+$/.exec(path)?.[1];
  const title =
    path === SOURCES
      ? String(facts.get(path, `${value.split('.', 1)[0]}.source`, place))
      : `${path.replace(/^report\/(?:runs\/)?/, '')}: ${value}`;
  return { href: run ? `#${references.runId(run)}` : address(href, context), title };
}

function cite(work: string, { page, place }: Spot): PageLink {
  const { works, references } = page.project;
  if (works.has(work)) return { href: `#${references.cite(work)}` };
  const known = [...works.keys()].join(', ') || 'none';
  throw errorAt(place, `${BIBLIOGRAPHY} has no work '${work}'; there are ${known}`);
}

function address(href: string, context: Spot): string {
  const { place, page } = context;
  const { folder, notebooks, root } = page.project;
  if (/^(?:https?|mailto):/i.test(href)) return href;
  if (SITE_PAGE.test(href)) return page.project.references.referPage(href, place);
  const [path, fragment = ''] = href.split('#', 2);
  if (!path) return inPage(slug(decode(fragment, place)), place, page);
  if (/^[a-z][a-z0-9+.-]*:|^\//i.test(path)) {
    throw errorAt(place, `link to '${href}'; expected http, https, mailto, or a path from the notebook`);
  }
  const target = posix.normalize(posix.join(folder, decode(path, place)));
  const name = posix.basename(target);
  if (posix.dirname(target) === folder && notebooks.includes(name)) {
    return inPage(fragment ? slug(decode(fragment, place)) : titleName(name), place, page);
  }
  if (target.startsWith('..') || !existsSync(join(root, target))) {
    throw errorAt(place, `link to '${href}': no such file in the project`);
  }
  return `${page.sourceOf(target)}${fragment && `#${fragment}`}`;
}

function inPage(id: string, place: Place, page: Page): string {
  page.refer(id, place);
  return `#${id}`;
}

function decode(text: string, place: Place): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw errorAt(place, `link to '${text}', in which a % is not followed by two digits`);
  }
}
