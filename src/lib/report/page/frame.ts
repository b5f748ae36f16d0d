import { createHash } from 'node:crypto';
import { escapeMarkup } from '../../chart/escapeMarkup';
import { NotebookError } from '../../errors';
import { sharePictures } from '../figure/sharedPictures';
import { themeVariables } from '../figure/themeSvg';
import type { FrameLink, ReportConfig } from '../read/config';
import { pathBetween } from '../text/crossReferences';
import type { Heading } from '../text/page';
import { type Fonts, inlineFonts, neededFonts } from './fonts';
import { SEARCH_PAGE } from './searchPage';

/** What every page of the site is put into. */
export interface Frame {
  config: ReportConfig;
  /** HTML with `{{names}}` where something goes. */
  template: string;
  style: string;
  script: string;
  /** Draws the collapse, in the page too. */
  collapse: string;
  /** All that there are; those that nothing on the page is set in are left out. */
  fonts: Fonts;
  /** Whether all pages stand in one file, with its fonts inside. */
  single: boolean;
  /** Whether photographs lie beside the pages. */
  photographs: boolean;
}

/** A page that is written, before it is put into the frame. */
export interface WrittenPage {
  address: string;
  /** HTML of its title. */
  title: string;
  headings: readonly Heading[];
  /** HTML of what is above its text: nothing where the text begins with its title. */
  opening: string;
  html: string;
  /** Scripts beside it, which compute; by name. */
  scripts?: readonly string[];
}

/** Groups of pages as the navigation lists them. */
export type Navigation = readonly { name: string; pages: readonly WrittenPage[] }[];

/** A whole page, and the fonts that it is set in. */
export interface FramedPage {
  html: string;
  fonts: ReadonlyMap<string, Buffer>;
}

/** Puts a page into the frame: head, navigation, contents, and the way to the pages before and behind it. */
export function framePage(page: WrittenPage, navigation: Navigation, frame: Frame): FramedPage {
  const { config, single } = frame;
  const pages = navigation.flatMap((group) => group.pages);
  const up = page.address ? '../' : '';
  const main = sharePictures(reachable(page.html));
  const needsCollapse = main.includes('class="explorer"');
  const script = needsCollapse ? `${frame.script}\n${frame.collapse}` : frame.script;
  const fonts = neededFonts(frame.fonts, page.opening + main);
  const css = single ? inlineFonts(fonts) : fonts.css.replaceAll('url(fonts/', `url(${up}fonts/`);
  const style = `${css}\n:root{\n${themeVariables()}\n}\n${frame.style}`;
  const own = textOf(page.title);
  const html = fill(frame.template, {
    title: escapeMarkup(page.address ? `${own} · ${config.title}` : config.title),
    description: escapeMarkup(config.description),
    policy: escapeMarkup(policy(style, script, page, frame)),
    style: `<style>${style}</style>`,
    script: `<script>${script}</script>${(page.scripts ?? []).map((name) => `\n<script src="${name}" defer></script>`).join('')}`,
    back: link(config.back, up),
    source: link(config.source, up),
    search: single ? '' : searchForm(page.address),
    contents: single ? contentsOf(page.headings) : navigationList(page, navigation),
    main: page.opening + main,
    next: single ? '' : neighbours(page, pages),
  });
  return { html, fonts: single ? new Map() : fonts.files };
}

/** Words of HTML that was made here. */
function textOf(html: string): string {
  return html.replace(/<[^>]*>/g, '').replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => NAMED[name]);
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

/**
 * What may be wider than its place can be scrolled with the keyboard. The script takes that back where nothing is to be
 * scrolled, when a reader comes near.
 */
function reachable(html: string): string {
  return html
    .replace(/<\w+ class="(?:[^"]* )?scroll(?: [^"]*)?"/g, '$& tabindex="0"')
    .replace(
      /(?<!<div class="equation scroll" tabindex="0">)<span class="katex-display"/g,
      '$& tabindex="0"',
    );
}

/**
 * What the page may do: nothing but show itself. Its own style and script are named by their hashes, so that none that
 * slips into a notebook's output runs; KaTeX writes sizes into style attributes, which are allowed. A checker such as
 * Lighthouse reads robots.txt in the page's name: that is all that 'self' is for. A page that computes
 * loads the scripts beside it, compiles WebAssembly and reads `data:` addresses; it can send nothing anywhere either.
 * `'self'` is no file to a browser that opened the page from disk: `file:` is.
 */
function policy(
  style: string,
  script: string,
  { scripts }: WrittenPage,
  { single, photographs }: Frame,
): string {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const computes = scripts
    ? [`script-src ${hash(script)} 'self' file: 'wasm-unsafe-eval'`, 'connect-src data:', 'media-src blob:']
    : [`script-src ${hash(script)}`, `connect-src ${single ? "'none'" : "'self'"}`];
  const pictures = `${photographs && !single ? " 'self'" : ''}${scripts ? ' blob:' : ''}`;
  return [
    "default-src 'none'",
    ...computes,
    `style-src ${hash(style)}`,
    "style-src-attr 'unsafe-inline'",
    `img-src data:${pictures}`,
    `font-src ${single ? 'data:' : "'self'"}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** Puts values where the template names them. What is put in is not looked at again. */
function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    if (values[name] === undefined) {
      throw new NotebookError(
        `template.html: {{${name}}} is unknown; known are ${Object.keys(values).join(', ')}`,
      );
    }
    return values[name];
  });
}

function link({ text, href }: FrameLink, up: string): string {
  const address = /^(?:https?:|\/)/.test(href) ? href : `${up}${href}`;
  return `<a href="${escapeMarkup(address)}">${escapeMarkup(text)}</a>`;
}

/** Leads to the page that searches; shown by the script, without which nothing is searched. */
function searchForm(address: string): string {
  return (
    `<form class="find" role="search" action="${pathBetween(address, SEARCH_PAGE)}" hidden>` +
    '<input type="search" name="q" aria-label="Words to search for" autocomplete="off">' +
    '<button type="submit">Search</button></form>\n' +
    `<a class="to-index" href="${pathBetween(address, SEARCH_PAGE)}">Search</a>`
  );
}

/** Every page of the site, in its groups; of the page itself its headings. */
function navigationList(page: WrittenPage, navigation: Navigation): string {
  const entry = (other: WrittenPage) => {
    if (other !== page)
      return `<li><a href="${pathBetween(page.address, other.address)}">${other.title}</a></li>`;
    const inner = contentsOf(page.headings);
    return `<li class="here"><a href="${pathBetween(page.address, page.address)}" aria-current="page">${page.title}</a>${inner && `\n${inner}`}</li>`;
  };
  return navigation
    .filter(({ pages }) => pages.length > 0)
    .map(({ name, pages }) => `<p>${name}</p>\n<ol>\n${pages.map(entry).join('\n')}\n</ol>`)
    .join('\n');
}

/** Headings below the page's title. */
function contentsOf(headings: readonly Heading[]): string {
  const items = headings
    .filter(({ level }) => level === 2)
    .map(({ id, html }) => `<li><a href="#${id}">${html}</a></li>`);
  return items.length > 0 ? `<ol>\n${items.join('\n')}\n</ol>` : '';
}

/** The ways to the page before and the page behind. */
function neighbours(page: WrittenPage, pages: readonly WrittenPage[]): string {
  const at = pages.indexOf(page);
  if (at < 0) return '';
  const way = (other: WrittenPage | undefined, name: string, relation: string) =>
    other
      ? `<a class="${relation}" rel="${relation}" href="${pathBetween(page.address, other.address)}"><span>${name}</span> ${other.title}</a>`
      : '';
  const ways = way(pages[at - 1], 'Before', 'prev') + way(pages[at + 1], 'Next', 'next');
  return ways && `<nav class="neighbours" aria-label="Pages before and behind">${ways}</nav>`;
}
