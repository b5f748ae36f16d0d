import { type Display, display } from './display';

/** A cell of a table: plain text, a number, Markdown that leads to a result, or nothing. */
export type TableCell = string | number | null | undefined | { readonly markdown: string };

/** What a table says in words. */
export interface TableTexts {
  /** What it shows; inline Markdown and `$TeX$` are set in the report. */
  caption: string;
  /** Name to link to, unique in the report: lower-case letters, digits and hyphens, a letter first. */
  label: string;
}

/**
 * Shows a table under the executing cell: in the notebook as its own Markdown, on the page with number and caption. A
 * number that is a `quote` leads to its record, and the build checks it. Where there is no row, such as before a run is
 * recorded, a line says so.
 *
 * @param rows - By the names of the columns, which are those of the first row.
 * @param on - Where. Default: under the executing cell.
 * @throws RangeError if a row has other columns, the caption is missing or the label is none.
 *
 * ```ts
 * lib.table([{ loss: 'paper', 'mAP@.5': lib.quote(runs, 'final.pooled.map') }], { caption: 'By loss.', label: 'losses' });
 * ```
 */
export function table(
  rows: readonly Readonly<Record<string, TableCell>>[],
  { caption, label }: TableTexts,
  on: Display = display,
): void {
  if (!/^[a-z][a-z0-9-]*$/.test(label)) {
    throw new RangeError(
      `label: got '${label}', expected lower-case letters, digits and hyphens, a letter first`,
    );
  }
  if (!caption.trim()) throw new RangeError(`caption of table '${label}': got nothing, expected a sentence`);
  if (rows.length === 0) {
    on.text(`Nothing to show yet: ${caption}`);
    return;
  }
  const columns = Object.keys(rows[0]);
  for (const [k, row] of rows.entries()) {
    const unknown = Object.keys(row).find((name) => !columns.includes(name));
    if (unknown !== undefined) {
      throw new RangeError(`row ${k + 1} of table '${label}': '${unknown}' is no column of the first row`);
    }
  }
  const numeric = columns.map((name) => rows.every((row) => typeof row[name] !== 'string'));
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  on.markdown(
    [
      `[Table (${label})](#${label}): ${caption.replace(/\s*\n\s*/g, ' ')}`,
      '',
      line(columns.map(plain)),
      line(numeric.map((right, k) => (right && k > 0 ? '--:' : '---'))),
      ...rows.map((row) => line(columns.map((name) => cellText(row[name])))),
    ].join('\n'),
  );
}

function cellText(cell: TableCell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'object') return cell.markdown;
  if (typeof cell === 'string') return plain(cell);
  return Number.isInteger(cell) ? String(cell) : String(Number(cell.toPrecision(4)));
}

/** Text that Markdown takes for nothing but text, on one line. */
function plain(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>|$#~&]/g, (mark) => `\\${mark}`);
}
