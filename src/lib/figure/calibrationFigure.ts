import type { CalibrationError } from 'yolov1/memory';
import { chart } from '../chart/chart';
import type { Figure, FigureTexts } from '../chart/figure';
import { SERIES, THEME } from '../chart/style/theme';

/**
 * Estimates of memory against what was measured, one point a training; the band is where they differ by no more than a
 * share of the measured value.
 *
 * @param band - Such as .15.
 * @throws RangeError if there is no point.
 */
export async function calibrationFigure(
  errors: readonly CalibrationError[],
  band: number,
  texts: FigureTexts,
): Promise<Figure> {
  if (errors.length === 0) throw new RangeError('errors: got no point, expected at least one');
  const rows = errors.map(({ point, measured, estimated, error }) => ({
    network: point.backbone,
    training: `${point.head}, ${point.optimizer}, BatchNorm ${point.batchNorm}${point.averages ? ', averages' : ''}`,
    input: point.inputSize,
    batch: point.batch,
    'measured (MB)': Math.round(measured / 1e6),
    'estimated (MB)': Math.round(estimated / 1e6),
    'error (%)': Math.round(1000 * error) / 10,
  }));
  const points = errors.map(({ point, measured, estimated }) => ({
    kind: `${point.backbone}, ${point.inputSize} pixels`,
    measured: measured / 1e9,
    estimated: estimated / 1e9,
  }));
  const kinds = [...new Set(points.map(({ kind }) => kind))];
  const sizes = points.flatMap(({ measured, estimated }) => [measured, estimated]);
  const ends = [0.9 * Math.min(...sizes), 1.1 * Math.max(...sizes)];
  const line = ends.map((x) => ({ x, y: x, low: (1 - band) * x, high: (1 + band) * x }));
  const scale = { type: 'log', domain: ends, nice: false };
  const x = { type: 'quantitative', title: 'measured (GB)', scale };
  const y = { type: 'quantitative', title: 'estimated (GB)', scale: { ...scale, clamp: true } };
  const spec = (narrow?: number) => ({
    width: narrow ?? 380,
    height: narrow ?? 380,
    layer: [
      {
        data: { values: line },
        mark: { type: 'area', color: THEME.grid.light, opacity: 0.8, clip: true },
        encoding: { x: { ...x, field: 'x' }, y: { ...y, field: 'low' }, y2: { field: 'high' } },
      },
      {
        data: { values: line },
        mark: { type: 'line', color: THEME.axis.light, strokeWidth: 1.5 },
        encoding: { x: { ...x, field: 'x' }, y: { ...y, field: 'y' } },
      },
      {
        data: { values: points },
        mark: { type: 'point', filled: true, size: 70 },
        encoding: {
          x: { ...x, field: 'measured' },
          y: { ...y, field: 'estimated' },
          color: {
            field: 'kind',
            type: 'nominal',
            title: null,
            scale: { domain: kinds, range: SERIES.slice(0, kinds.length) },
            legend: { columns: narrow ? 1 : 2 },
          },
          shape: { field: 'kind', type: 'nominal', title: null, scale: { domain: kinds } },
        },
      },
    ],
  });
  return chart(spec, texts, rows);
}
