import { stripVTControlCharacters } from 'node:util';
import { escapeMarkup } from '../../chart/escapeMarkup';
import { figureFromHtml } from '../../chart/figureHtml';
import type { Output } from '../../kernel/outputs';
import { settleText } from '../../kernel/streamText';
import { errorAt } from '../read/place';
import { renderMarkdown } from '../text/markdown';
import { setMath } from '../text/math';
import type { Spot } from '../text/page';
import { sanitiseHtml } from '../text/sanitise';
import { figureBlock } from './figureBlock';
import { MOST_REPEATS, repeats } from './repeats';

/** Largest output that is shown, characters; anything larger belongs in a file. */
const LARGEST_OUTPUT = 4_000_000;
/** Lines of printed text that stand open; more are folded. */
const OPEN_LINES = 20;
/** Lines of printed text that are shown at all. */
const MOST_LINES = 400;
/** Characters of a line of printed text that are shown. */
const LONGEST_LINE = 500;

/**
 * One output of a code cell as HTML.
 *
 * @throws NotebookError with the place for an error output and for a figure that can't be shown.
 */
export function outputBlock(output: Output, prefix: string, context: Spot): string {
  if (output.output_type === 'error') {
    const words = stripVTControlCharacters(`${output.ename}: ${output.evalue}`).replace(/\s+/g, ' ');
    throw errorAt(context.place, `the cell ended in an error: ${words}; mend it and run the notebook again`);
  }
  if (output.output_type === 'stream') return printed(output.text, output.name, context);
  const types = Object.keys(output.data);
  const alts = new Map(types.map((type) => [type, altOf(output.metadata, type)]));
  const unseen: string[] = [];
  for (const [type, show] of Object.entries(SHOWN)) {
    const content = textOf(output.data[type]);
    if (content === undefined) continue;
    if (content.length > LARGEST_OUTPUT) return leftOut(type, content.length, context);
    const block = show(content, prefix, context, alts.get(type));
    // Of an output that only script would make visible, the next form may tell more.
    if (block === '') {
      if (content.trim()) unseen.push(type);
      continue;
    }
    const richer = [...unseen, ...types.filter((other) => SCRIPTED.test(other))];
    if (type === 'text/plain' && richer.length > 0) {
      context.page.warnOnce(context.place, `an output of ${richer.join(', ')} is shown as its text only`);
    }
    return block;
  }
  const told = types.filter((type) => textOf(output.data[type])?.trim());
  if (told.length > 0 || types.length === 0) {
    const words = told.join(', ') || 'nothing';
    context.page.warn(context.place, `an output holds ${words}, of which the report can show nothing`);
  }
  return '';
}

/** Forms that need a program of their own to be seen. */
const SCRIPTED = /^application\/(?!json$)|^image\/|^video\/|^audio\//;

/** Words for a picture, where whoever made it gave some: `metadata['image/png'].alt`. */
function altOf(metadata: unknown, type: string): string | undefined {
  const alt = Object(Object(metadata)[type]).alt;
  return typeof alt === 'string' && alt.trim() ? alt : undefined;
}

type Show = (content: string, prefix: string, context: Spot, alt?: string) => string;

/** What is shown of an output that has several forms: the first of these. */
const SHOWN: Readonly<Record<string, Show>> = {
  'text/html': showHtml,
  'image/svg+xml': (svg, _prefix, context, alt) => foreignDrawing(svg, context, alt),
  'image/png': (data, _prefix, context, alt) => foreignPicture('png', data, context, alt),
  'image/jpeg': (data, _prefix, context, alt) => foreignPicture('jpeg', data, context, alt),
  'image/gif': (data, _prefix, context, alt) => foreignPicture('gif', data, context, alt),
  'text/markdown': (text, _prefix, context) => `<div class="output">${renderMarkdown(text, context)}</div>\n`,
  'text/latex': showLatex,
  'application/json': (text, _prefix, context) => printed(text, 'stdout', context),
  'text/plain': (text, _prefix, context) => printed(text, 'stdout', context),
};

/** A style that does more than align the cells of a table: it colours or hides. */
const TELLING_STYLE = /<style\b[^<]*\b(?:background|color|display|visibility)\b/i;
/** An equation in HTML, which only a script would set. */
const EQUATION = /\$[^$<\n]{0,200}[\\^_][^$<\n]{0,200}\$|\\begin\{/;

function showHtml(html: string, prefix: string, context: Spot): string {
  try {
    const figure = figureFromHtml(html);
    if (figure) return figureBlock(figure, context);
  } catch (error) {
    if (error instanceof RangeError) throw errorAt(context.place, error.message);
    throw error;
  }
  const lost = new Set<string>();
  const clean = sanitiseHtml(html, prefix, lost);
  if (repeats(clean) > MOST_REPEATS)
    throw errorAt(context.place, 'a drawing that repeats its parts too often');
  const inner = withWords(clean, context).trim();
  if (/<style\b/i.test(html.slice(html.search(/<svg\b/i)))) lost.add('style of a drawing');
  else if (TELLING_STYLE.test(html)) lost.add('style');
  const isSeen =
    /<(?:svg|img|progress|meter|hr)\b/.test(inner) || inner.replace(/<[^>]*>|&nbsp;/g, '').trim() !== '';
  if (isSeen && EQUATION.test(inner.replace(/<code>[^<]*<\/code>/g, ''))) {
    context.page.warnOnce(
      context.place,
      'an equation in an HTML output stands as it is written; show it as text/markdown or text/latex',
    );
  }
  if (lost.size > 0 && isSeen) {
    context.page.warnOnce(context.place, `of an HTML output the report leaves out: ${[...lost].join(', ')}`);
  }
  return isSeen ? `<div class="output scroll">${inner}</div>\n` : '';
}

/** Harmless markup, if each of its pictures says what it shows. */
function withWords(html: string, context: Spot): string {
  if (/<img\b(?![^>]*\balt="[^"]*[^\s"])/.test(html)) withoutWords(context);
  for (const [drawing, head] of html.matchAll(/(<svg\b[^>]*>)[\s\S]*?<\/svg>/g)) {
    if (!/\baria-label="[^"]*[^\s"]/.test(head) && !/<title>[^<]*[^\s<]/.test(drawing)) withoutWords(context);
  }
  return html;
}

/** A form that has no room for words, or a picture where there are none. */
function withoutWords({ place }: Spot): never {
  throw errorAt(
    place,
    'a picture without alternative text; show it with lib.showFigure, as \'<img alt="...">\' with lib.display.html, or ' +
      "give an SVG a '<title>'",
  );
}

/**
 * A drawing made elsewhere as JupyterLab shows it: as a picture, in which its own style holds and nothing runs.
 *
 * @throws NotebookError if it says nowhere what it shows, defines entities, or repeats its parts without end.
 */
function foreignDrawing(svg: string, context: Spot, alt: string | undefined): string {
  const words =
    alt ??
    /<title\b[^<>]*>([^<]*[^\s<])/.exec(svg)?.[1] ??
    /^[^>]*\baria-label="([^"]*[^\s"])/.exec(svg.slice(svg.search(/<svg\b/)))?.[1];
  if (words === undefined) return withoutWords(context);
  if (/<!ENTITY/i.test(svg))
    throw errorAt(context.place, 'a drawing that defines entities; save it without them');
  if (repeats(svg) > MOST_REPEATS) throw errorAt(context.place, 'a drawing that repeats its parts too often');
  const named = /<svg\b[^>]*\bxmlns=/.test(svg)
    ? svg
    : svg.replace(/<svg\b/, '<svg xmlns="http://www.w3.org/2000/svg"');
  const source = Buffer.from(named.trim()).toString('base64');
  return foreign(`data:image/svg+xml;base64,${source}`, decodeMarkup(words));
}

function foreignPicture(type: string, data: string, context: Spot, alt: string | undefined): string {
  const source = data.replace(/\s/g, '');
  if (alt === undefined) return withoutWords(context);
  if (!/^[A-Za-z0-9+/]+=*$/.test(source))
    throw errorAt(context.place, `a ${type} picture that is not base64`);
  return foreign(`data:image/${type};base64,${source}`, alt);
}

function foreign(source: string, alt: string): string {
  return `<div class="output foreign scroll"><img src="${source}" alt="${escapeMarkup(alt)}"></div>\n`;
}

function decodeMarkup(text: string): string {
  return text
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&');
}

function showLatex(text: string, _prefix: string, { place, page }: Spot): string {
  const tex = text.trim().replace(/^\$\$?|\$\$?$/g, '');
  return `<div class="equation scroll">${setMath(tex, true, place, page.macros)}</div>\n`;
}

function printed(raw: string, name: 'stdout' | 'stderr', context: Spot): string {
  if (raw.length > LARGEST_OUTPUT) return leftOut('text', raw.length, context);
  const text = stripVTControlCharacters(settleText(raw)).trimEnd();
  if (!text) return '';
  const all = text.split('\n');
  const lines = all
    .slice(0, MOST_LINES)
    .map((line) => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)} ...` : line));
  if (all.length > MOST_LINES) lines.push(`... ${all.length - MOST_LINES} more lines in the notebook`);
  const kind = name === 'stderr' ? 'printed stderr scroll' : 'printed scroll';
  const block = `<pre class="${kind}"><samp>${escapeMarkup(lines.join('\n'))}</samp></pre>\n`;
  if (all.length <= OPEN_LINES) return block;
  return `<details class="fold"><summary>Printed text, ${all.length} lines</summary>\n${block}</details>\n`;
}

function leftOut(type: string, length: number, context: Spot): string {
  const size = `${(length / 1e6).toFixed(1)} MB`;
  context.page.warn(context.place, `an output of ${size} (${type}) is left out; write it to a file instead`);
  return `<p class="note">An output of ${size} is left out here; it is in the notebook.</p>\n`;
}

/** A MIME type's content as text: notebooks keep it as a string, a list of lines, or JSON. */
function textOf(content: unknown): string | undefined {
  if (content === undefined || content === null) return undefined;
  if (typeof content === 'string') return content;
  if (Array.isArray(content) && content.every((line) => typeof line === 'string')) return content.join('');
  return JSON.stringify(content, null, 2);
}
