import { escapeMarkup } from '../../chart/escapeMarkup';
import type { Cell } from '../../notebook/format';
import type { Extras } from '../extras/extras';
import { outputBlock } from '../figure/outputBlock';
import { runLinks } from '../provenance/runPanel';
import { type NotebookOrigin, runsOf } from '../read/notebookOrigin';
import { type Place, placeWords } from '../read/place';
import { titleName } from '../text/links';
import { renderMarkdown, renderProse } from '../text/markdown';
import type { Page, Spot } from '../text/page';
import { vouchedNumbers } from '../text/typedNumbers';

/** A notebook of the report. */
export interface ReportNotebook {
  /** File name, such as `03-frozen-backbone.ipynb`. */
  name: string;
  cells: readonly Cell[];
  /** Of its code, such as `typescript`. */
  language: string;
  /** What its outputs were made from, as far as it is noted. */
  origin?: NotebookOrigin;
}

/** What goes before a chapter's numbers: the notebook's, without its zeros. */
export function chapterNumber(notebook: string): string {
  const digits = /^\d+/.exec(notebook)?.[0];
  return digits === undefined ? titleName(notebook) : String(Number(digits));
}

/**
 * A notebook as a page: its text, what its cells showed, and their code folded beneath.
 *
 * @param verdicts - HTML of what it decides, for its end.
 */
export function chapterBlock(
  { name, cells, language, origin }: ReportNotebook,
  page: Page,
  extras: Extras,
  verdicts: string,
): string {
  page.origin = origin;
  page.vouched = vouchedNumbers(cells.filter((cell) => cell.cell_type === 'code'));
  const number = /^\d+/.exec(name)?.[0];
  const kicker = number ? `Chapter ${Number(number)}` : 'Chapter';
  const runs = origin ? runsOf(origin) : [];
  const made =
    runs.length > 0 ? `<p class="note made">Made from the runs ${runLinks(runs, page)}.</p>\n` : '';
  const blocks = cells.map((cell, index) => {
    const before = cells.slice(0, index + 1).filter(({ cell_type }) => cell_type === cell.cell_type);
    const kind = cell.cell_type === 'markdown' ? 'Markdown' : cell.cell_type;
    return cellBlock(cell, { page, place: { notebook: name, kind, cell: before.length } }, language, extras);
  });
  const notes = page.footnotes.list((text, place) => renderProse(text, { page, place }));
  const source = `<a href="${escapeMarkup(page.sourceOf(`${page.project.folder}/${name}`))}">${escapeMarkup(name)}</a>`;
  return (
    `<section class="notebook">\n<p class="kicker">${kicker} <span>${source}</span></p>\n` +
    `${missingTitle(name, cells, page)}${blocks.join('')}${verdicts}${made}${notes}</section>\n`
  );
}

function cellBlock(cell: Cell, spot: Spot, language: string, extras: Extras): string {
  if (cell.cell_type !== 'code') {
    if (cell.cell_type === 'raw') {
      if (cell.source.trim()) spot.page.warnOnce(spot.place, 'a raw cell is left out; write it in Markdown');
      return '';
    }
    return renderMarkdown(cell.source, { ...spot, attachments: cell.attachments });
  }
  const { page, place } = spot;
  const prefix = `${titleName(place.notebook)}-${place.cell}`;
  const outputs = cell.outputs.map((output, k) => {
    const before = page.figures.length;
    const block = outputBlock(output, `${prefix}-${k + 1}-`, { ...spot, code: cell.source });
    const shown = page.figures.slice(before);
    return `${block}${shown.map(({ label }) => extras.behind(label, page, place)).join('')}`;
  });
  return `<div class="cell">\n${outputs.join('')}${codeBlock(cell.source, language, spot)}</div>\n`;
}

/** The code, folded; a comment that it begins with says what it does. */
function codeBlock(source: string, language: string, { page, place }: Spot): string {
  const code = source.trimEnd();
  if (!code) return '';
  const comment = /^\s*\/\/ ?(.*)/.exec(code)?.[1].trim() ?? '';
  const words = comment ? `<span class="what">${escapeMarkup(comment)}</span> ` : '';
  return (
    `<details class="fold code"><summary>Code ${words}<span class="where">${escapeMarkup(placeWords(place))}</span>` +
    `</summary>\n<pre class="listing scroll"><code>${page.project.highlight(code, language)}</code></pre></details>\n`
  );
}

/** A title made of the file's name, for a notebook without one. */
function missingTitle(name: string, cells: readonly Cell[], page: Page): string {
  if (cells.some((cell) => cell.cell_type === 'markdown' && /^(?:# \S|\S.*\n=+ *$)/m.test(cell.source)))
    return '';
  const words = name
    .replace(/\.ipynb$/, '')
    .replace(/^\d+[-_ ]*/, '')
    .replace(/[-_]+/g, ' ');
  const place: Place = { notebook: name, kind: 'Markdown', cell: 1 };
  page.warn(place, "no title; begin the notebook with a Markdown cell '# Title'");
  const title = words.charAt(0).toUpperCase() + words.slice(1);
  return renderMarkdown(`# ${title.replace(/[\\`*_[\]<>$#]/g, '')}`, { page, place });
}
