import type { Measured, Performance } from './measure';
import type { Measurement } from './work';

const WIDTHS = [34, 10, 9, 9, 10, 9, 9, 7, 7];

/** What the columns of a table of results are called. */
export const headings: readonly string[] = [
  'measurement',
  ...['ms', 'a second', 'MiB'],
  ...['peer ms', 'a second', 'MiB'],
  ...['time', 'memory'],
];

/** The two lines above the rows; `a second` counts pictures, calls or evaluations, `time` and `memory` are ours / peer's. */
export function tableHead(): string {
  return `${row(headings)}\n${row(WIDTHS.map((width) => '-'.repeat(width)))}`;
}

/** One measurement as a line of the table. */
export function tableRow(measurement: Measurement, measured: Measured): string {
  return row(measuredCells(measurement, measured));
}

/** The cells of a measurement under {@link headings}; without a peer the last ones are missing. */
export function measuredCells(
  { name, count }: Pick<Measurement, 'name' | 'count'>,
  { ours, peer }: Measured,
): string[] {
  const columns = (one: Performance) => [
    threeDigits((1e3 * one.median) / count),
    threeDigits(count / one.median),
    one.peak?.toFixed(0) ?? '-',
  ];
  const ratios = (theirs: Performance) => [
    (ours.median / theirs.median).toFixed(2),
    ours.peak && theirs.peak ? (ours.peak / theirs.peak).toFixed(2) : '-',
  ];
  return [name, ...columns(ours), ...(peer ? [...columns(peer), ...ratios(peer)] : [])];
}

function row(cells: readonly string[]): string {
  return cells
    .map((cell, index) => (index === 0 ? cell.padEnd(WIDTHS[0]) : cell.padStart(WIDTHS[index])))
    .join(' ');
}

/** A number above 0 in three digits, of which none stands after the point from 1,000 on. */
export function threeDigits(value: number): string {
  return value >= 1000 ? value.toFixed(0) : value.toPrecision(3);
}
