import { escapeMarkup } from '../../chart/escapeMarkup';
import type { Cell } from '../../notebook/format';
import { outputBlock } from '../figure/outputBlock';
import { figureOrigins, type OriginContext } from '../provenance/figureOrigin';
import { runLinks } from '../provenance/provenance';
import { type NotebookOrigin, runsOf } from '../read/notebookOrigin';
import { type Place, placeWords } from '../read/place';
import { Footnotes } from '../text/footnotes';
import { titleName } from '../text/links';
import { type MarkdownContext, renderMarkdown, renderProse } from '../text/markdown';
import { vouchedNumbers } from '../text/typedNumbers';

/** A notebook of the report. */
export interface ReportNotebook {
  /** File name, such as `03-frozen-backbone.ipynb`. */
  name: string;
  cells: readonly Cell[];
  /** What its outputs were made from, as far as it is noted. */
  origin?: NotebookOrigin;
}

/** What is the same for every cell of a page. */
export type PageContext = Omit<MarkdownContext, 'place' | 'attachments' | 'origins' | 'footnotes'> &
  OriginContext;

/** What is the same for every cell of a notebook. */
type NotebookContext = Omit<MarkdownContext, 'place' | 'attachments'>;

/**
 * A notebook as a section of the page: its text, what its cells showed, and their code folded beneath.
 *
 * @param verdicts - HTML of what it decides, for its end.
 */
export function notebookSection(
  { name, cells, origin }: ReportNotebook,
  common: PageContext,
  verdicts: string,
): string {
  const footnotes = new Footnotes(common.references);
  const page = {
    ...common,
    footnotes,
    origins: figureOrigins(origin, common),
    vouched: vouchedNumbers(cells.filter((cell) => cell.cell_type === 'code')),
  };
  const number = /^\d+/.exec(name)?.[0];
  const kicker = number ? `Notebook ${number}` : 'Notebook';
  const runs = origin ? runsOf(origin) : [];
  const made =
    runs.length > 0
      ? `<p class="note made">Made from the runs ${runLinks(runs, page.references)}.</p>\n`
      : '';
  const blocks = cells.map((cell, index) => {
    const before = cells.slice(0, index + 1).filter(({ cell_type }) => cell_type === cell.cell_type);
    const kind = cell.cell_type === 'code' ? 'code' : 'Markdown';
    return cellBlock(cell, { notebook: name, kind, cell: before.length }, page);
  });
  const notes = footnotes.list((text, place) => renderProse(text, { ...page, place }));
  return (
    `<section class="notebook">\n<p class="kicker">${kicker} <span>${escapeMarkup(name)}</span></p>\n` +
    `${missingTitle(name, cells, page)}${blocks.join('')}${verdicts}${made}${notes}</section>\n`
  );
}

function cellBlock(cell: Cell, place: Place, page: NotebookContext): string {
  if (cell.cell_type !== 'code') {
    if (cell.cell_type === 'raw') return '';
    return renderMarkdown(cell.source, { ...page, place, attachments: cell.attachments });
  }
  const context = { ...page, place, code: cell.source };
  const prefix = `${titleName(place.notebook)}-${place.cell}`;
  const outputs = cell.outputs.map((output, k) => outputBlock(output, `${prefix}-${k + 1}-`, context));
  return `<div class="cell">\n${outputs.join('')}${codeBlock(cell.source, context)}</div>\n`;
}

/** The code, folded; a comment that it begins with says what it does. */
function codeBlock(source: string, { highlight, place }: MarkdownContext): string {
  const code = source.replace(/\s+$/, '');
  if (!code) return '';
  const comment = /^\s*\/\/ ?(.*)/.exec(code)?.[1].trim() ?? '';
  const words = comment ? `<span class="what">${escapeMarkup(comment)}</span> ` : '';
  return (
    `<details class="fold code"><summary>Code ${words}<span class="where">${escapeMarkup(placeWords(place))}</span>` +
    `</summary>\n<pre class="listing scroll"><code>${highlight(code, 'typescript')}</code></pre></details>\n`
  );
}

/** A title made of the file's name, for a notebook without one. */
function missingTitle(name: string, cells: readonly Cell[], page: NotebookContext): string {
  if (cells.some((cell) => cell.cell_type === 'markdown' && /^# \S/m.test(cell.source))) return '';
  const words = name
    .replace(/\.ipynb$/, '')
    .replace(/^\d+[-_ ]*/, '')
    .replace(/[-_]+/g, ' ');
  const place: Place = { notebook: name, kind: 'Markdown', cell: 1 };
  page.references.warn(place, "no title; begin the notebook with a Markdown cell '# Title'");
  const title = words.charAt(0).toUpperCase() + words.slice(1);
  return renderMarkdown(`# ${title.replace(/[\\`*_[\]<>$#]/g, '')}`, { ...page, place });
}
