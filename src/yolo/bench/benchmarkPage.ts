import { counted } from '../core/counted';
import type { Measured } from './measure';
import { headings, measuredCells, threeDigits } from './resultTable';
import type { Measurement } from './work';

/** What `npm run bench -- --json` writes. */
export interface BenchmarkRecord {
  /** Day of the last measurement, ISO 8601. */
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
  const onGpu = contestants('ours').startsWith('webgpu');
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return `${[
    '# Benchmark',
    '',
    `Measured on ${date} by \`npm run bench\`${peer && ' with `--peer`'}: ${machine.processor ?? 'unknown processor'}, ${counted(machine.cores, 'core')}, Node ${machine.node.replace(/^v/, '')}, ${contestants('ours')}${peer && ` against ${peer}`}.`,
    '',
    'Each measurement has a process of its own a side, and the sides take turns, so that a busy machine slows both; times are',
    onGpu
      ? 'medians by picture, memory is what each library holds on the GPU.'
      : 'medians by picture (of suppression by call), memory is the peak of the resident size above that of the process with its libraries loaded.',
    '`time` and `memory` are ours divided by the peer. Networks are fed 448 pixels; the number is the batch.',
    '',
    line(headings),
    line(headings.map((_, column) => (column === 0 ? '---' : '---:'))),
    ...results.map((result) => line(measuredCells(result, result))),
    ...waitingShare(results),
    ...sameFigures(results),
    ...effectOfBfloat16(results),
    ...insideOneDnn(results),
  ].join('\n')}\n`;
}

/** How long training on pictures has none to work on. */
function waitingShare(results: BenchmarkRecord['results']): string[] {
  return results
    .filter(({ name }) => name.startsWith('training'))
    .flatMap(({ name, ours }) => [
      '',
      `Waiting for input: ${(100 * ours.figure).toFixed(2)} % of the time of ${name} (ResNet18 with a convolutional head, everything trained; crops, flips and colours drawn by as many decoding threads as there are cores, less one).`,
    ]);
}

/** What both sides computed from the same numbers; networks have other weights on each side. */
function sameFigures(results: BenchmarkRecord['results']): string[] {
  const both = results.filter(({ name, peer }) => peer && /^(nms|evaluation coco)/.test(name));
  if (both.length === 0) return [];
  const figures = both.map(
    ({ name, ours, peer }) => `${name} ${inDigits(ours.figure)} and ${inDigits(peer?.figure ?? Number.NaN)}`,
  );
  return [
    '',
    `From the same boxes ours and the peer's compute (boxes kept, AP@[.50:.95]): ${figures.join('; ')}.`,
  ];
}

/** How much of a network's time is spent in the library that both sides compute with. */
function insideOneDnn(results: BenchmarkRecord['results']): string[] {
  const rows = results.flatMap(({ name, count, ours, peer }) => {
    if (!ours.inOneDnn || !peer?.inOneDnn) return [];
    const cells = [ours, peer].flatMap(({ median, inOneDnn = 0 }) =>
      [inOneDnn, median - inOneDnn].map((seconds) => threeDigits((1e3 * seconds) / count)),
    );
    return [`| ${[name, ...cells, (ours.inOneDnn / peer.inOneDnn).toFixed(2)].join(' | ')} |`];
  });
  if (rows.length === 0) return [];
  return [
    '',
    '## Inside oneDNN',
    '',
    "Both sides leave their convolutions to oneDNN, each to a build of its own, which tells how long they take. In ms a picture; what is beside that is each library's own, matrix products of PyTorch among it.",
    '',
    '| measurement | inside | beside | peer inside | beside | ratio inside |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
  ];
}

/** How far the mean square of a network's outputs moves under bfloat16. */
function effectOfBfloat16(results: BenchmarkRecord['results']): string[] {
  const effects = results.flatMap(({ name, bfloat16, ours }) => {
    const plain = results.find((other) => bfloat16 && `${other.name} bfloat16` === name);
    const change = plain && Math.abs(ours.figure / plain.ours.figure - 1);
    return change === undefined ? [] : `${plain?.name} ${change === 0 ? 'none' : change.toExponential(1)}`;
  });
  if (effects.length === 0) return [];
  return ['', `Relative change of the loss with bfloat16 allowed: ${effects.join('; ')}.`];
}

function inDigits(figure: number): string {
  return Number.isInteger(figure) ? String(figure) : figure.toPrecision(7);
}
