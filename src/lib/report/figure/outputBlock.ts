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
    const words = stripVTControlCharacters(`${output.ename}: ${output.evalue}`).replace(/\s*\n\s*/g, ' ');
    throw errorAt(context.place, `the cell ended in an error: ${words}; mend it and run the notebook again`);
  }
  if (output.output_type === 'stream') return printed(output.text, output.name, context);
  for (const [type, show] of Object.entries(SHOWN)) {
    const content = textOf(output.data[type]);
    if (content === undefined) continue;
    if (content.length > LARGEST_OUTPUT) return leftOut(type, content.length, context);
    return show(content, prefix, context);
  }
  const types = Object.keys(output.data).join(', ') || 'nothing';
  context.page.warn(context.place, `an output holds ${types}, which the report can't show`);
  return '';
}

type Show = (content: string, prefix: string, context: Spot) => string;

/** What is shown of an output that has several forms: the first of these. */
const SHOWN: Readonly<Record<string, Show>> = {
  'text/html': showHtml,
  'image/svg+xml': (svg, prefix, context) =>
    `<div class="output foreign scroll">${withWords(sanitiseHtml(svg, prefix), context)}</div>\n`,
  'image/png': (_data, _prefix, context) => withoutWords(context),
  'image/jpeg': (_data, _prefix, context) => withoutWords(context),
  'text/markdown': (text, _prefix, context) => `<div class="output">${renderMarkdown(text, context)}</div>\n`,
  'text/latex': showLatex,
  'application/json': (text, _prefix, context) => printed(text, 'stdout', context),
  'text/plain': (text, _prefix, context) => printed(text, 'stdout', context),
};

function showHtml(html: string, prefix: string, context: Spot): string {
  try {
    const figure = figureFromHtml(html);
    if (figure) return figureBlock(figure, context);
  } catch (error) {
    if (error instanceof RangeError) throw errorAt(context.place, error.message);
    throw error;
  }
  const inner = withWords(sanitiseHtml(html, prefix), context).trim();
  return inner ? `<div class="output scroll">${inner}</div>\n` : '';
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

function showLatex(text: string, _prefix: string, { place }: Spot): string {
  const tex = text.trim().replace(/^\$\$?|\$\$?$/g, '');
  return `<div class="equation scroll">${setMath(tex, true, place)}</div>\n`;
}

function printed(raw: string, name: 'stdout' | 'stderr', context: Spot): string {
  if (raw.length > LARGEST_OUTPUT) return leftOut('text', raw.length, context);
  const text = stripVTControlCharacters(settleText(raw)).replace(/\s+$/, '');
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
