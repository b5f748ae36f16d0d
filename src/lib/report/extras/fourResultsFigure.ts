import type { ExperimentResult } from 'yolov1/record';
import { mean } from '../../chart/spread';
import { THEME } from '../../chart/theme';
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

const WIDTH = 600;
const ROW = 54;
const [LEFT, RIGHT, TOP] = [16, 584, 34];
const AIR = 1.06;

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
  const x = scale(most, LEFT, RIGHT, 'root');
  const bottom = TOP + ROW * results.length;
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
      dot(x(map), y, 6, THEME.series2.light, `${name}, published: ${map.toFixed(4)}`) +
      dot(x(voc), y, 6, THEME.series1.light, `${name}, here by VOC's rules: ${voc.toFixed(4)}${n}`) +
      dot(
        x(original),
        y,
        4,
        THEME.paper.light,
        `${name}, here by the original's evaluation: ${original.toFixed(4)}${n}`,
        ` stroke="${THEME.series1.light}" stroke-width="2.5"`,
      )
    );
  });
  const legend =
    dot(LEFT + 6, 12, 6, THEME.series2.light, 'published') +
    words('published', LEFT + 18, 16) +
    dot(
      LEFT + 106,
      12,
      4,
      THEME.paper.light,
      'here, evaluated in the same way',
      ` stroke="${THEME.series1.light}" stroke-width="2.5"`,
    ) +
    words('here, same evaluation', LEFT + 118, 16) +
    dot(LEFT + 276, 12, 6, THEME.series1.light, 'here, by VOC’s rules') +
    words('here, VOC’s rules', LEFT + 288, 16);
  const title = words('mAP@.5', RIGHT, bottom + 34, { anchor: 'end', colour: THEME.ink.light, size: 13 });
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
    `<figure id="${label}">\n${drawing(WIDTH, bottom + 44, alt, [...grid, ...bars, legend, title].join(''))}` +
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
