import { escapeMarkup } from '../../chart/escapeMarkup';
import type { DataRow, Figure } from '../../chart/figure';
import { dataText } from '../text/dataText';

/** Columns of a table of which two fit on a printed page side by side. */
const FEW_COLUMNS = 4;
/** Most rows of a table on the page; the download has them all. */
const MOST_ROWS = 100;

/** What a figure was drawn from, folded: a table, and a file to download. */
export function valuesBlock({ data, label }: Pick<Figure, 'data' | 'label'>, number: string): string {
  const columns = [...new Set(data.flatMap((row) => Object.keys(row)))];
  const head = columns.map((column) => `<th scope="col">${escapeMarkup(column)}</th>`).join('');
  const rows = data
    .slice(0, MOST_ROWS)
    .map((row) => `<tr>${columns.map((column) => cell(row[column])).join('')}</tr>`);
  const more = data.length > MOST_ROWS ? `<p>The first ${MOST_ROWS} of ${data.length} rows.</p>\n` : '';
  const width = columns.length > FEW_COLUMNS ? '' : ' few';
  const csv = [columns, ...data.map((row) => columns.map((column) => row[column]))]
    .map((line) => line.map(csvField).join(','))
    .join('\r\n');
  return (
    `<details class="fold values"><summary>Values of figure ${number}</summary>\n<div class="folded">${more}` +
    `<p><a download="${label}.csv" href="data:text/csv;charset=utf-8,${dataText(`${csv}\r\n`)}">` +
    `Download as CSV</a></p>\n<div class="scroll table${width}"><table><thead><tr>${head}</tr></thead>\n` +
    `<tbody>${rows.join('\n')}</tbody></table></div></div></details>\n`
  );
}

type Value = DataRow[string] | undefined;

function cell(value: Value): string {
  if (typeof value !== 'number')
    return `<td>${escapeMarkup(value === null ? '–' : String(value ?? ''))}</td>`;
  // Six digits tell all that a figure shows.
  return `<td class="n">${Number(value.toPrecision(6))}</td>`;
}

function csvField(value: Value): string {
  // Single precision, in which nearly everything here was computed, holds eight digits at most.
  const shown = typeof value === 'number' ? Number(value.toPrecision(8)) : value;
  // A spreadsheet computes text that begins so; with a quote before it, it is text there as well.
  const plain = typeof shown === 'string' ? shown.replace(/^(?=[=+\-@\t\r])/, "'") : shown;
  const text = plain === null || plain === undefined ? '' : String(plain);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
