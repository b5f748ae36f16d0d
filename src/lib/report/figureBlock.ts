import { escapeMarkup } from '../chart/escapeMarkup';
import type { DataRow, Figure } from '../chart/figure';
import { dataText } from './dataText';
import { drawingBlock } from './drawing';
import { type MarkdownContext, renderProse } from './markdown';
import { errorAt } from './place';

/** Most rows of a table on the page; the download has them all. */
const MOST_ROWS = 200;

/**
 * A figure with its number, caption and values.
 *
 * @param figure - As a notebook stores it, not to be trusted.
 * @throws NotebookError for a label that is taken or is none, and for missing words.
 */
export function figureBlock(figure: Figure, context: MarkdownContext): string {
  const { label, caption, alt, data } = figure;
  const { place, ledger } = context;
  if (!caption.trim() || !alt.trim()) {
    throw errorAt(place, `figure '${label}' lacks its ${caption.trim() ? 'alternative text' : 'caption'}`);
  }
  const number = ledger.nameNumbered('figure', label, place);
  const drawing = drawingBlock(figure.svg, `${label}-`);
  if (!drawing) throw errorAt(place, `figure '${label}' has no drawing`);
  return (
    `<figure id="${label}">\n${drawing}` +
    `<figcaption><a class="number" href="#${label}">Figure ${number}</a> ${renderProse(caption, context)}</figcaption>\n</figure>\n` +
    (data.length > 0 ? valuesBlock(figure, number) : '') +
    (context.origins?.(label, number, place) ?? '') +
    (context.behind?.(figure, context) ?? '')
  );
}

function valuesBlock({ data, label }: Figure, number: number): string {
  const columns = [...new Set(data.flatMap((row) => Object.keys(row)))];
  const head = columns.map((column) => `<th scope="col">${escapeMarkup(column)}</th>`).join('');
  const rows = data
    .slice(0, MOST_ROWS)
    .map((row) => `<tr>${columns.map((column) => cell(row[column])).join('')}</tr>`);
  const more = data.length > MOST_ROWS ? `<p>The first ${MOST_ROWS} of ${data.length} rows.</p>\n` : '';
  const csv = [columns, ...data.map((row) => columns.map((column) => row[column]))]
    .map((line) => line.map(csvField).join(','))
    .join('\r\n');
  return (
    `<details class="fold values"><summary>Values of figure ${number}</summary>\n<div class="folded">${more}` +
    `<p><a download="${label}.csv" href="data:text/csv;charset=utf-8,${dataText(`${csv}\r\n`)}">` +
    `Download as CSV</a></p>\n<div class="scroll table"><table><thead><tr>${head}</tr></thead>\n` +
    `<tbody>${rows.join('\n')}</tbody></table></div></div></details>\n`
  );
}

type Value = DataRow[string] | undefined;

function cell(value: Value): string {
  if (typeof value !== 'number')
    return `<td>${escapeMarkup(value === null ? '–' : String(value ?? ''))}</td>`;
  // Six digits tell all that a figure shows; the download has every one.
  return `<td class="n">${Number(value.toPrecision(6))}</td>`;
}

function csvField(value: Value): string {
  const text = value === null || value === undefined ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
