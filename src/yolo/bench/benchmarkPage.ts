import type { Measured } from './measure';
import { headings, measuredCells } from './resultTable';
import type { Measurement } from './work';

/** What `npm run bench -- --json` writes. */
export interface BenchmarkRecord {
  /** Day on which it was measured, ISO 8601. */
  date: string;
  machine: { processor?: string; cores: number; node: string };
  /** Without the places of files, which say nothing on another machine. */
  results: (Omit<Measurement, 'work'> & { work: object } & Measured)[];
}

/** A record as a page in Markdown: every measurement with its ratios, and how they were made. */
export function benchmarkPage({ date, machine, results }: BenchmarkRecord): string {
  const contestants = (side: 'ours' | 'peer') =>
    [...new Set(results.flatMap((result) => result[side]?.contestant ?? []))].join(', ');
  const peer = contestants('peer');
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return `${[
    '# Benchmark',
    '',
    `Measured on ${date} by \`npm run bench\`${peer && ' with `--peer`'}: ${machine.processor ?? 'unknown processor'}, ${machine.cores} cores, Node ${machine.node.replace(/^v/, '')}, ${contestants('ours')}${peer && ` against ${peer}`}.`,
    '',
    'Each measurement has a process of its own a side, and the sides take turns, so that a busy machine slows both; times are',
    'medians by picture (of suppression by call), memory is the peak of the resident size above that of the process with its',
    'libraries loaded. `time` and `memory` are ours divided by the peer. Networks are fed 448 pixels; the number is the batch.',
    '',
    line(headings),
    line(headings.map((_, column) => (column === 0 ? '---' : '---:'))),
    ...results.map((result) => line(measuredCells(result, result))),
  ].join('\n')}\n`;
}
