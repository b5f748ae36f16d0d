import type { ExperimentResult } from 'yolov1/record';
import { mean } from '../../chart/spread';
import { THEME } from '../../chart/style/theme';
import { numberedCaption } from '../figure/drawing';
import { valuesBlock } from '../figure/figureValues';
import { originPanel } from '../provenance/originPanel';
import type { Spot } from '../text/page';
import { bothMaps, type PublishedResult } from './allRunsFigure';
import { dot, drawing, line, scale, words } from './plot';

/** Label of the figure. */
export const FOUR_RESULTS = 'four-results';

/** An experiment of the original with the runs here that are nearest to it. */
export interface RepeatedResult extends PublishedResult {
  runs: readonly ExperimentResult[];
}

const ROW = 54;
const [LEFT, TOP] = [16, 48];
/** A drawing below this width has its legend in two rows. */
const NARROW = 450;
const HOLLOW = ` stroke="${THEME.series1.light}" stroke-width="2.5"`;
const AIR = 1.06;

/** What the runs of an experiment have by both evaluations. */
interface Result extends RepeatedResult {
  voc: number;
  original: number;
}

/** The drawing's content at a width. */
function plotOf(results: readonly Result[], most: number, bottom: number, width: number): string {
  const right = width - LEFT;
  const isNarrow = width < NARROW;
  const x = scale(most, LEFT, right, 'root');
  const grid = [0, 0.001, 0.01, 0.05, 0.1, 0.2, 0.4]
    .filter((value) => value <= most)
    .map(
      (value) =>
        line(x(value), TOP - 8, x(value), bottom, THEME.grid.light) +
        words(String(value).replace(/^0\./, '.'), x(value), bottom + 16, { anchor: 'middle' }),
    );
  const bars = results.map(({ name, map, voc, original, runs }, row) => {
    const y = TOP + ROW * row + 26;
    const n = runs.length > 1 ? `, mean of ${runs.length} runs` : '';
    return (
      words(name, LEFT, y - 14, { colour: THEME.ink.light, strong: true, size: 13 }) +
      line(
        x(Math.min(map, original, voc)),
        y,
        x(Math.max(map, original, voc)),
        y,
        THEME.axis.light,
        ' stroke-width="2"',
      ) +
      dot(x(map), y, 7.5, THEME.series2.light, `${name}, published: ${map.toFixed(4)}`) +
      dot(x(voc), y, 6, THEME.series1.light, `${name}, here by VOC's rules: ${voc.toFixed(4)}${n}`) +
      dot(
        x(original),
        y,
        4,
        THEME.paper.light,
        `${name}, here by the original's evaluation: ${original.toFixed(4)}${n}`,
        HOLLOW,
      )
    );
  });
  const keys = [
    [dot(6, 0, 6, THEME.series2.light, 'published'), 'published', 0, 0],
    [
      dot(6, 0, 4, THEME.paper.light, 'here, evaluated in the same way', HOLLOW),
      'here, same evaluation',
      96,
      0,
    ],
    [
      dot(6, 0, 6, THEME.series1.light, 'here, by VOC’s rules'),
      'here, VOC’s rules',
      isNarrow ? 96 : 262,
      isNarrow ? 18 : 0,
    ],
  ] as const;
  const legend = keys
    .map(
      ([mark, name, dx, dy]) =>
        `<g transform="translate(${LEFT + dx} ${12 + dy})">${mark}${words(name, 18, 4)}</g>`,
    )
    .join('');
  const title = words('mAP@.5', right, bottom + 34, { anchor: 'end', colour: THEME.ink.light, size: 13 });
  return [...grid, ...bars, legend, title].join('');
}

/** A row for each experiment: what was published, and what the runs here have by both evaluations. */
export function fourResultsFigure(
  rows: readonly RepeatedResult[],
  { page, place }: Spot,
  label: string,
  caption: string,
): string {
  const number = page.nameNumbered('figure', label, place);
  const results = rows.map(({ name, map, runs }) => {
    const maps = runs.flatMap((run) => bothMaps(run) ?? []);
    return {
      name,
      map,
      runs,
      voc: mean(maps.map(({ voc }) => voc)),
      original: mean(maps.map(({ original }) => original)),
    };
  });
  const most = AIR * Math.max(...results.flatMap(({ map, voc, original }) => [map, voc, original]));
  const bottom = TOP + ROW * results.length;
  const alt = results
    .map(
      ({ name, map, voc, original }) =>
        `${name}: published ${map.toFixed(4)}, here ${original.toFixed(4)} by the original's evaluation and ${voc.toFixed(4)} by VOC's rules.`,
    )
    .join(' ');
  const data = results.map(({ name, map, voc, original, runs }) => ({
    experiment: name,
    published: map,
    'original evaluation': original,
    VOC: voc,
    runs: runs.length,
  }));
  return (
    `<figure id="${label}">\n${drawing(bottom + 44, alt, (width) => plotOf(results, most, bottom, width))}` +
    `${numberedCaption(label, number, caption)}</figure>\n` +
    valuesBlock({ label, data }, number) +
    originPanel(
      number,
      {
        drawn: [['Drawn by', 'the build of this page, from the run records and report/sources.json']],
        runs: [...new Set(results.flatMap(({ runs }) => runs))],
        again: 'npm run report',
      },
      page,
    )
  );
}
