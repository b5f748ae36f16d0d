import type { ExperimentResult } from 'yolov1/record';
import type { DataRow } from '../../chart/figure';
import { mean } from '../../chart/spread';
import { THEME } from '../../chart/theme';
import { numberedCaption } from '../figure/drawing';
import { valuesBlock } from '../figure/figureValues';
import { originPanel } from '../provenance/originPanel';
import { nameOf } from '../read/runs';
import type { Spot } from '../text/page';
import { dot, drawing, type Frame, line, scale, words } from './plot';

/** Label of the figure. */
export const ALL_RUNS = 'all-runs';

const [WIDTH, HEIGHT] = [600, 330];
const FRAME: Frame = { left: 52, top: 28, right: 586, bottom: 274 };
/** Runs above this mAP have learnt something; they are ranked by themselves as well. */
const ABLE = 0.05;
/** Room above the largest value. */
const AIR = 1.08;

/** A result of the original, drawn at the height that its evaluation gave. */
export interface PublishedResult {
  name: string;
  map: number;
}

/**
 * Every run by both evaluations: VOC's mAP to the right, the original's upwards. If they said the same, the dots would
 * lie on one rising curve.
 */
export function allRunsFigure(
  runs: readonly ExperimentResult[],
  published: readonly PublishedResult[],
  { page, place }: Spot,
  label: string,
  caption: string,
): string {
  const number = page.nameNumbered('figure', label, place);
  const points = runs.flatMap((run) => {
    const maps = bothMaps(run);
    return maps ? [{ name: nameOf(run), ...maps }] : [];
  });
  const mostX = AIR * Math.max(0.01, ...points.map(({ voc }) => voc));
  const mostY =
    AIR * Math.max(0.01, ...points.map(({ original }) => original), ...published.map(({ map }) => map));
  const x = scale(mostX, FRAME.left, FRAME.right);
  const y = scale(mostY, FRAME.bottom, FRAME.top, 'root');
  const grid = ticks(mostX, [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]).map(
    (value) =>
      line(x(value), FRAME.top, x(value), FRAME.bottom, THEME.grid.light) +
      words(share(value), x(value), FRAME.bottom + 18, { anchor: 'middle' }),
  );
  const rungs = ticks(mostY, [0, 0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4]).map(
    (value) =>
      line(FRAME.left, y(value), FRAME.right, y(value), THEME.grid.light) +
      words(share(value), FRAME.left - 8, y(value) + 4, { anchor: 'end' }),
  );
  // Equal results of both evaluations, as far as the plot goes.
  const equal = Array.from({ length: 41 }, (_, k) => (Math.min(mostX, mostY) * k) / 40);
  const diagonal = `<path d="M${equal.map((value) => `${x(value)} ${y(value)}`).join('L')}" fill="none" stroke="${THEME.axis.light}" stroke-dasharray="2 3"/>`;
  const marks = published
    .filter(({ map }) => map > 0)
    .map(
      ({ name, map }) =>
        line(FRAME.left, y(map), FRAME.right, y(map), THEME.series2.light, ' stroke-dasharray="6 3"') +
        words(`the original: ${name}, ${share(map)}`, FRAME.right, y(map) - 5, {
          anchor: 'end',
          colour: THEME.series2.light,
        }),
    );
  const dots = points.map(({ name, voc, original }) =>
    dot(
      x(voc),
      y(original),
      4.5,
      THEME.series1.light,
      `${name}: ${voc.toFixed(4)} by VOC's rules, ${original.toFixed(4)} by the original's`,
      ' fill-opacity="0.62"',
    ),
  );
  const best = points.reduce((a, b) => (b.voc > a.voc ? b : a));
  const right = x(best.voc) > (FRAME.left + FRAME.right) / 2;
  const names =
    words('mAP@.5 by the original’s evaluation', FRAME.left - 44, 14, { colour: THEME.ink.light, size: 13 }) +
    words('mAP@.5 by VOC’s rules', FRAME.right, FRAME.bottom + 40, {
      anchor: 'end',
      colour: THEME.ink.light,
      size: 13,
    }) +
    words('the best run', x(best.voc) + (right ? -9 : 9), y(best.original) + 4, {
      anchor: right ? 'end' : 'start',
      colour: THEME.series1.light,
      strong: true,
    });
  const able = points.filter(({ voc }) => voc > ABLE);
  const ranked =
    ` Rank correlation of the two (Spearman): ${share(rankCorrelation(points), 2)} over all ${points.length} runs, ` +
    `${share(rankCorrelation(able), 2)} among the ${able.length} above ${share(ABLE)}.`;
  const alt =
    `${points.length} runs as dots. To the right mAP at .5 by VOC's rules, up to ${Math.max(...points.map(({ voc }) => voc)).toFixed(2)}; ` +
    `upwards by the original's evaluation, up to ${Math.max(...points.map(({ original }) => original)).toFixed(2)}. Most dots lie at the bottom, wherever they are from left to right.`;
  const data: DataRow[] = points.map(({ name, voc, original }) => ({ run: name, VOC: voc, original }));
  const body = [...grid, ...rungs, diagonal, ...marks, ...dots, names].join('');
  return (
    `<figure id="${label}">\n${drawing(WIDTH, HEIGHT, alt, body)}${numberedCaption(label, number, `${caption}${ranked}`)}</figure>\n` +
    valuesBlock({ label, data }, number) +
    originPanel(
      number,
      {
        drawn: [['Drawn by', 'the build of this page, from every run record']],
        runs: [],
        again: 'npm run report',
        count: `${runs.length} runs`,
      },
      page,
    )
  );
}

/** Spearman's rank correlation; runs of equal results share their ranks. */
function rankCorrelation(points: readonly { voc: number; original: number }[]): number {
  const ranks = (values: readonly number[]) =>
    values.map((value) => mean(values.flatMap((other, k) => (other === value ? [rankOf(values, k)] : []))));
  const [a, b] = [ranks(points.map(({ voc }) => voc)), ranks(points.map(({ original }) => original))];
  const middle = (points.length - 1) / 2;
  const product = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, value, k) => sum + (value - middle) * (y[k] - middle), 0);
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}

/** Place of a value among all, equal ones in their order. */
function rankOf(values: readonly number[], at: number): number {
  return values.filter((value, k) => value < values[at] || (value === values[at] && k < at)).length;
}

/** What both evaluations gave a run; undefined for an older record without the original’s. */
export function bothMaps({ evaluation }: ExperimentResult): { voc: number; original: number } | undefined {
  const { pooled, writeUp } = evaluation.final;
  return writeUp && { voc: pooled.map, original: writeUp.all };
}

function ticks(most: number, wanted: readonly number[]): number[] {
  return wanted.filter((value) => value <= most);
}

/** `.05`, and `0` without a point. */
function share(value: number, digits = 3): string {
  return value === 0 ? '0' : String(Number(value.toPrecision(digits))).replace(/^(-?)0\./, '$1.');
}
