import type { ExperimentResult } from 'yolov1';
import { memoryOverTime } from 'yolov1/record';
import { chart } from '../chart/chart';
import type { Figure, FigureTexts } from '../chart/figure';
import { wrapped } from '../chart/style/textWidth';
import { CHART_CONFIG, SERIES, THEME } from '../chart/style/theme';

/** About as many points as the figure is wide: a line through more can't be seen. */
const POINTS = 450;

/**
 * Whether a long run's memory stays flat: tensors alive after every step, and the resident size of the process with its
 * trend after the first epoch, whose number stands over it.
 *
 * @throws Error if the run has but one epoch, or no readings of its memory.
 */
export async function soakFigure({ metrics }: ExperimentResult, texts: FigureTexts): Promise<Figure> {
  const { points, warmUp, tensors, resident } = memoryOverTime(metrics);
  const behind = points.slice(warmUp);
  const ends = [behind[0], behind[behind.length - 1]];
  const middle = (ends[0].hours + ends[1].hours) / 2;
  const line = ends.map(({ hours }) => ({
    hours,
    trend: resident.medianMiB + (hours - middle) * resident.mibPerHour,
  }));
  const every = Math.ceil(points.length / POINTS);
  const values = points.filter((_, index) => index % every === 0 || index === points.length - 1);
  const axis = (field: string, title: string) => ({ type: 'quantitative', field, title });
  const x = (field: string, title: string) => ({ ...axis(field, title), scale: { nice: false } });
  const hours = x('hours', 'time spent on steps (h)');
  // Not from 0: on an axis that begins there, what rises looks flat.
  const size = (field: string) => ({ ...axis(field, 'resident (MiB)'), scale: { zero: false } });
  const range = tensors.least === tensors.most ? `${tensors.least}` : `${tensors.least} to ${tensors.most}`;
  const title = (words: string, narrow?: number) => wrapped(words, CHART_CONFIG.title.fontSize, narrow);
  const spec = (narrow?: number) => ({
    vconcat: [
      {
        title: title(`Tensors: ${range} after each of ${points.length} steps`, narrow),
        width: narrow ?? 560,
        height: 110,
        data: { values },
        mark: { type: 'line', interpolate: 'step-after', strokeWidth: 2, color: SERIES[0] },
        encoding: { x: x('step', 'step'), y: axis('tensors', 'tensors') },
      },
      {
        title: title(
          `Resident size: ${signed(resident.mibPerHour)} MiB an hour after the first epoch`,
          narrow,
        ),
        width: narrow ?? 560,
        height: 200,
        layer: [
          {
            data: { values },
            mark: { type: 'line', strokeWidth: 1, color: SERIES[1] },
            encoding: { x: hours, y: size('residentMiB') },
          },
          {
            data: { values: line },
            mark: { type: 'line', strokeWidth: 2.5, strokeDash: [7, 4], color: THEME.ink.light },
            encoding: { x: hours, y: size('trend') },
          },
        ],
      },
    ],
  });
  return chart(spec, texts, [
    {
      steps: points.length,
      hours: Math.round(100 * points[points.length - 1].hours) / 100,
      'fewest tensors': tensors.least,
      'most tensors': tensors.most,
      'median resident size (MiB)': resident.medianMiB,
      'trend (MiB an hour)': Math.round(10 * resident.mibPerHour) / 10,
      rising: resident.rising,
    },
  ]);
}

function signed(value: number): string {
  const shown = Math.abs(value).toFixed(1);
  return shown === '0.0' ? shown : `${value > 0 ? '+' : '\u2212'}${shown}`;
}
