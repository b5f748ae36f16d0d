import { counted } from 'yolov1/form';
import type { ExperimentResult } from 'yolov1/record';
import type { DataRow } from '../../chart/figure';
import { THEME } from '../../chart/style/theme';
import { numberedCaption } from '../figure/drawing';
import { valuesBlock } from '../figure/figureValues';
import { originPanel } from '../provenance/originPanel';
import { errorAt } from '../read/place';
import { nameOf } from '../read/runs';
import type { Spot } from '../text/page';
import { dot, drawing, line, scale, words } from './plot';
import { rankCorrelation } from './rankCorrelation';

/** Label of the figure. */
export const ALL_RUNS = 'all-runs';

const HEIGHT = 330;
/** Edges of the plot; its right one is as far from the drawing's. */
const [LEFT, TOP, BOTTOM, BEHIND] = [52, 28, 274, 14];
/** Runs above these mAPs, which have learnt something and much, are ranked by themselves as well. */
const ABLE = [0.05, 0.2];
/** Room above the largest value. */
const AIR = 1.08;

/** A run by both evaluations. */
interface Point {
  name: string;
  voc: number;
  original: number;
}

/** A result of the original, drawn at the height that its evaluation gave. */
export interface PublishedResult {
  name: string;
  map: number;
}

/**
 * Every run by both evaluations: VOC's mAP to the right, the original's upwards. If they said the same, the dots would
 * lie on one rising curve. A detector without objectness has no evaluation by the original's rules, and no dot.
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
  if (points.length === 0) throw errorAt(place, `figure '${label}' has no run to show`);
  const among = ABLE.map((level) => {
    const able = points.filter(({ voc }) => voc > level);
    return `${share(correlation(able), 2)} among the ${able.length} above ${share(level)}`;
  });
  const ranked =
    ` Rank correlation of the two (Spearman): ${share(correlation(points), 2)} over all ${points.length} runs, ` +
    `${among.join(', ')}.`;
  const alt =
    `${counted(points.length, 'run')} as dots. To the right mAP at .5 by VOC's rules, up to ${Math.max(...points.map(({ voc }) => voc)).toFixed(2)}; ` +
    `upwards by the original's evaluation, up to ${Math.max(...points.map(({ original }) => original)).toFixed(2)}. Most dots lie at the bottom, wherever they are from left to right.`;
  const data: DataRow[] = points.map(({ name, voc, original }) => ({ run: name, VOC: voc, original }));
  const plot = drawing(HEIGHT, alt, (width) => plotOf(points, published, width));
  return (
    `<figure id="${label}">\n${plot}${numberedCaption(label, number, `${caption}${ranked}`)}</figure>\n` +
    valuesBlock({ label, data }, number) +
    originPanel(
      number,
      {
        drawn: [['Drawn by', 'the build of this page, from every run record that has both']],
        runs: [],
        again: 'npm run report',
        count: counted(points.length, 'run'),
      },
      page,
    )
  );
}

/** The drawing's content at a width. */
function plotOf(points: readonly Point[], published: readonly PublishedResult[], width: number): string {
  const right = width - BEHIND;
  const mostX = AIR * Math.max(0.01, ...points.map(({ voc }) => voc));
  const mostY =
    AIR * Math.max(0.01, ...points.map(({ original }) => original), ...published.map(({ map }) => map));
  const x = scale(mostX, LEFT, right);
  const y = scale(mostY, BOTTOM, TOP, 'root');
  const grid = ticks(mostX, [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]).map(
    (value) =>
      line(x(value), TOP, x(value), BOTTOM, THEME.grid.light) +
      words(share(value), x(value), BOTTOM + 18, { anchor: 'middle' }),
  );
  const rungs = ticks(mostY, [0, 0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4]).map(
    (value) =>
      line(LEFT, y(value), right, y(value), THEME.grid.light) +
      words(share(value), LEFT - 8, y(value) + 4, { anchor: 'end' }),
  );
  // Equal results of both evaluations, as far as the plot goes.
  const equal = Array.from({ length: 41 }, (_, k) => (Math.min(mostX, mostY) * k) / 40);
  const diagonal = `<path d="M${equal.map((value) => `${x(value)} ${y(value)}`).join('L')}" fill="none" stroke="${THEME.axis.light}" stroke-dasharray="2 3"/>`;
  const reached = published.filter(({ map }) => map > 0);
  const lines = reached.map(({ map }) =>
    line(LEFT, y(map), right, y(map), THEME.series2.light, ' stroke-dasharray="6 3"'),
  );
  const names = reached.map(({ name, map }) =>
    words(`original: ${name}, ${share(map)}`, right, y(map) - 5, {
      anchor: 'end',
      colour: THEME.series2.light,
      halo: true,
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
  const isRight = x(best.voc) > (LEFT + right) / 2;
  const titles =
    words('mAP@.5 by the original’s evaluation', LEFT - 44, 14, { colour: THEME.ink.light, size: 13 }) +
    words('mAP@.5 by VOC’s rules', right, BOTTOM + 40, {
      anchor: 'end',
      colour: THEME.ink.light,
      size: 13,
    }) +
    words('best by VOC’s rules', x(best.voc) + (isRight ? -9 : 9), y(best.original) + 4, {
      anchor: isRight ? 'end' : 'start',
      colour: THEME.series1.light,
      strong: true,
      halo: true,
    });
  // Names come last, each in a halo, since a dot may lie where a name has to be.
  return [...grid, ...rungs, diagonal, ...lines, ...dots, ...names, titles].join('');
}

function correlation(points: readonly Point[]): number {
  return rankCorrelation(
    points.map(({ voc }) => voc),
    points.map(({ original }) => original),
  );
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
