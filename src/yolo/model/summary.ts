import { checkArguments, listOf } from '../core/arguments';
import { textTable } from '../core/textTable';
import { countOf, type LayerRow } from './layers/layer';

/** Sums over a network's rows. */
export interface SummaryTotals {
  /** Number of trainable scalars. */
  parameters: number;
  /** Number of running statistics. */
  statistics: number;
  /** Multiply-add operations of the forward pass for one picture. */
  multiplyAdds: number;
  /** Bytes of every operation's float32 output for one picture. */
  activationBytes: number;
}

/** Bytes of a float32. */
const FLOAT = 4;

const ROWS = listOf("rows of a network's table", (row) => Array.isArray(Object(row).output));

/** Add up rows. @param rows - Such as `detector.describe()`. @throws UserError for anything but rows. */
export function totals(rows: readonly LayerRow[]): SummaryTotals {
  checkArguments('totals', { rows }, { rows: ROWS });
  const sum: SummaryTotals = { parameters: 0, statistics: 0, multiplyAdds: 0, activationBytes: 0 };
  for (const row of rows) {
    sum.parameters += row.parameters;
    sum.statistics += row.statistics;
    sum.multiplyAdds += row.multiplyAdds;
    sum.activationBytes += countOf(row.output) * FLOAT;
  }
  return sum;
}

/**
 * A table as plain text: layer, operation, output shape, parameters, multiply-adds, activation bytes of one
 * picture; a line of totals at the end.
 *
 * @param rows - Such as `detector.describe()`.
 * @throws UserError for anything but rows.
 */
export function formatSummary(rows: readonly LayerRow[]): string {
  checkArguments('formatSummary', { rows }, { rows: ROWS });
  const number = (n: number) => n.toLocaleString('en-US');
  const megabytes = (n: number) => `${(n / 2 ** 20).toFixed(2)} MiB`;
  const sum = totals(rows);
  const table = [
    ['layer', 'operation', 'output', 'parameters', 'multiply-adds', 'activations'],
    ...rows.map((row) => [
      row.name,
      row.type,
      `[${row.output.join(', ')}]`,
      number(row.parameters),
      number(row.multiplyAdds),
      megabytes(countOf(row.output) * FLOAT),
    ]),
    ['total', '', '', number(sum.parameters), number(sum.multiplyAdds), megabytes(sum.activationBytes)],
  ];
  const widths = table[0].map((_, column) => Math.max(...table.map((cells) => cells[column].length)));
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  const lines = textTable(table, 3);
  return [lines[0], rule, ...lines.slice(1, -1), rule, lines.at(-1)].join('\n');
}
