import { createHash } from 'node:crypto';
import { escapeMarkup } from '../../chart/escapeMarkup';
import { NotebookError } from '../../errors';
import { FigureExtras } from '../extras/figureExtras';
import { themeVariables } from '../figure/themeSvg';
import { provenanceSection } from '../provenance/provenance';
import { referencesSection, type Work } from '../read/bibliography';
import type { Claims } from '../read/claims';
import type { FrameLink, ReportConfig } from '../read/config';
import { Facts } from '../read/facts';
import type { Photographs } from '../read/photographs';
import type { StoredRun } from '../read/storedRun';
import { CrossReferences, type Heading } from '../text/crossReferences';
import type { Highlight } from '../text/highlight';
import { claimsOf, claimsQuestion, claimsSection, verdictList } from './claimsTable';
import { conclusionSection } from './conclusion';
import { type Fonts, inlineFonts, neededFonts } from './fonts';
import { notebookSection, type ReportNotebook } from './section';

/** What a page is made of, apart from its notebooks. */
export interface PageParts {
  config: ReportConfig;
  /** HTML with `{{names}}` where something goes. */
  template: string;
  style: string;
  script: string;
  /** Draws the collapse, in the page too. */
  collapse: string;
  /** All that there are; those that nothing on the page is set in are left out. */
  fonts: Fonts;
  highlight: Highlight;
  /** The project's root on disk and, from it, the folder of the notebooks. */
  root: string;
  folder: string;
  /** Runs by name; all that the notebooks use. */
  stored: ReadonlyMap<string, StoredRun>;
  /** What can be cited, by id. */
  works: ReadonlyMap<string, Work>;
  /** What the page opens with, if anything. */
  claims?: Claims;
  /** What it ends with, in Markdown, if anything. */
  conclusion?: string;
  photographs: Photographs;
  /** Whether all is inside the page, photographs too, rather than beside it. */
  single: boolean;
  /** Takes what is being done, in words. */
  onStep: (step: string) => void;
}

/** A page, whole, and what its author should know. */
export interface Page {
  html: string;
  /** Fonts that lie beside the page, by path from it. */
  fontFiles: ReadonlyMap<string, Buffer>;
  warnings: readonly string[];
}

/**
 * Puts notebooks on one page. Equal parts give equal pages, byte for byte.
 *
 * @throws NotebookError with notebook and cell for whatever must not be published: an error in an output, a broken link,
 * a label used twice, an equation that can't be set.
 */
export function renderPage(notebooks: readonly ReportNotebook[], parts: PageParts): Page {
  const { config, highlight, root, folder } = parts;
  const references = new CrossReferences();
  const extras = new FigureExtras(config, parts.collapse, parts.photographs, parts.single);
  const names = notebooks.map(({ name }) => name);
  const source = config.source.href;
  const context = {
    references,
    highlight,
    root,
    folder,
    source,
    notebooks: names,
    works: parts.works,
    stored: parts.stored,
    facts: new Facts(root),
    behind: extras.behind,
  };
  const { claims } = parts;
  // In the order of the page, so that tables are numbered as they come.
  const question = claims ? claimsQuestion(claims, context) : '';
  const table = claims ? claimsSection(claims, context) : '';
  const sections = notebooks
    .map((notebook) => {
      parts.onStep(notebook.name);
      return notebookSection(notebook, context, claims ? claimsOf(notebook.name, claims) : '');
    })
    .join('\n');
  const conclusion = parts.conclusion ? conclusionSection(parts.conclusion, context) : '';
  const provenance = provenanceSection(parts.stored, references, source);
  const works = referencesSection(parts.works, references);
  extras.check();
  references.checkReferences();
  const script = config.collapseAfter ? `${parts.script}\n${parts.collapse}` : parts.script;
  const main = reachable(table + sections + conclusion + provenance + works);
  const opening = reachable(`${question}${extras.opening}${claims ? verdictList(claims.claims) : ''}`);
  const fonts = neededFonts(parts.fonts, opening + main);
  const style = `${parts.single ? inlineFonts(fonts) : fonts.css}\n:root{\n${themeVariables()}\n}\n${parts.style}`;
  const html = fill(parts.template, {
    title: escapeMarkup(config.title),
    lead: escapeMarkup(config.lead),
    description: escapeMarkup(config.description),
    policy: escapeMarkup(policy(style, script, !parts.single && parts.photographs.found.size > 0)),
    style: `<style>${style}</style>`,
    script: `<script>${script}</script>`,
    back: link(config.back),
    source: link(config.source),
    opening,
    contents: contents(references.headings),
    sections: main,
  });
  const fontFiles = parts.single ? new Map() : fonts.files;
  return { html: references.fillNumbers(html), fontFiles, warnings: references.warnings };
}

/**
 * What may be wider than its place can be scrolled with the keyboard. The script takes that back where nothing is to be
 * scrolled, when a reader comes near: to measure everything at once, a browser would have to lay out the whole page.
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
 * slips into a notebook's output runs; KaTeX writes sizes into style attributes, which are allowed.
 *
 * @param beside - Whether photographs lie beside the page.
 */
function policy(style: string, script: string, beside: boolean): string {
  const fonts = style.includes('url(data:font/') ? 'data:' : "'self'";
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    "style-src-attr 'unsafe-inline'",
    `img-src data:${beside ? " 'self'" : ''}`,
    `font-src ${fonts}`,
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

function link({ text, href }: FrameLink): string {
  return `<a href="${escapeMarkup(href)}">${escapeMarkup(text)}</a>`;
}

/** Titles of the notebooks, each with the headings of the next level inside it. */
function contents(headings: readonly Heading[]): string {
  const entry = ({ id, html }: Heading) => `<a href="#${id}">${html}</a>`;
  const items = headings
    .map((heading, index) => ({ heading, index }))
    .filter(({ heading }) => heading.level === 2)
    .map(({ heading, index }) => {
      const rest = headings.slice(index + 1);
      const end = rest.findIndex(({ level }) => level === 2);
      const inner = rest.slice(0, end < 0 ? rest.length : end).filter(({ level }) => level === 3);
      const list = inner.map((part) => `<li>${entry(part)}</li>`).join('\n');
      return `<li>${entry(heading)}${list && `\n<ol>\n${list}\n</ol>`}</li>`;
    });
  return items.length > 0 ? `<ol>\n${items.join('\n')}\n</ol>` : '';
}
