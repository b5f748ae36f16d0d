import type { RunMemory } from 'yolov1/record';
import { chart } from '../chart/chart';
import type { Figure, FigureTexts } from '../chart/figure';
import { NARROW } from '../chart/narrow';
import { legendColumns } from '../chart/style/legendColumns';
import { SERIES, THEME } from '../chart/style/theme';

/**
 * Memory of a training by phase over its first seconds: what the process took, and how much of it was tensors.
 *
 * @param seconds - Where the time axis ends. Default with the training.
 * @throws RangeError if nothing lies within that time.
 */
export async function memoryTimelineFigure(
  { timeline, source, budget }: RunMemory,
  texts: FigureTexts,
  seconds = Number.POSITIVE_INFINITY,
): Promise<Figure> {
  const points = timeline.filter((point) => point.seconds <= seconds);
  if (points.length === 0) throw new RangeError(`timeline: got no point within ${seconds} s`);
  const values = points.map(({ seconds: end, phase, bytes, tensors }, k) => ({
    from: k === 0 ? 0 : points[k - 1].seconds,
    to: end,
    phase,
    bytes: bytes / 1e9,
    tensors: tensors / 1e9,
  }));
  const phases = [...new Set(values.map(({ phase }) => phase))];
  const x = { field: 'from', type: 'quantitative', title: 'time (s)', scale: { nice: false } };
  const y = (field: string) => ({ field, type: 'quantitative', title: 'memory (GB)' });
  const whole = { from: values[0].from, to: values[values.length - 1].to };
  const spec = (narrow?: number) => ({
    width: narrow ?? 600,
    height: 260,
    data: { values },
    layer: [
      {
        mark: { type: 'rect', stroke: null },
        encoding: {
          x,
          x2: { field: 'to' },
          y: y('tensors'),
          y2: { datum: 0 },
          color: {
            field: 'phase',
            type: 'nominal',
            title: 'tensors in the phase',
            scale: { domain: phases, range: SERIES.slice(0, phases.length) },
            legend: narrow ? { columns: legendColumns(phases, NARROW) } : {},
          },
        },
      },
      {
        mark: { type: 'rule', strokeWidth: 2, color: THEME.ink.light },
        encoding: { x, x2: { field: 'to' }, y: y('bytes') },
      },
      ...(budget
        ? [
            {
              data: { values: [{ ...whole, budget: budget.bytes / 1e9 }] },
              mark: { type: 'rule', strokeDash: [5, 4], color: THEME.muted.light },
              encoding: { x, x2: { field: 'to' }, y: y('budget') },
            },
          ]
        : []),
    ],
  });
  const table = values.map(({ from, to, phase }, k) => ({
    'from (s)': Math.round(1000 * from) / 1000,
    'to (s)': to,
    phase,
    [`${source} (MB)`]: Math.round(points[k].bytes / 1e6),
    'tensors (MB)': Math.round(points[k].tensors / 1e6),
  }));
  return chart(spec, texts, table);
}
