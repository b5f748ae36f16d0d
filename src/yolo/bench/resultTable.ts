import type { Measured, Performance } from './measure';
import type { Measurement } from './work';

const WIDTHS = [34, 10, 9, 9, 10, 9, 9, 7, 7];
const HEADINGS = ['measurement', 'ms', 'a second', 'MiB', 'peer ms', 'a second', 'MiB', 'time', 'memory'];

/** The two lines above the rows; `a second` counts pictures, calls or evaluations, `time` and `memory` are ours / peer's. */
export function tableHead(): string {
  return `${row(HEADINGS)}\n${row(WIDTHS.map((width) => '-'.repeat(width)))}`;
}

/** One measurement as a line of the table. */
export function tableRow({ name, count }: Measurement, { ours, peer }: Measured): string {
  const columns = (one: Performance) => [
    inDigits((1e3 * one.median) / count),
    inDigits(count / one.median),
    one.peak?.toFixed(0) ?? '-',
  ];
  return row([
    name,
    ...columns(ours),
    ...(peer
      ? [
          ...columns(peer),
          (ours.median / peer.median).toFixed(2),
          ours.peak && peer.peak ? (ours.peak / peer.peak).toFixed(2) : '-',
        ]
      : []),
  ]);
}

function row(cells: readonly string[]): string {
  return cells
    .map((cell, index) => (index === 0 ? cell.padEnd(WIDTHS[0]) : cell.padStart(WIDTHS[index])))
    .join(' ');
}

function inDigits(value: number): string {
  return value >= 1000 ? value.toFixed(0) : value.toPrecision(3);
}
