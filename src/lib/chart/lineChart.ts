import { chart } from './chart';
import type { DataRow, Figure, FigureTexts } from './figure';
import { legendColumns } from './legendColumns';
import { DASHES, SERIES } from './theme';

/** What a line chart shows. */
export interface LineChart {
  /** Values of each line by its name, at most six; values that are not finite leave a gap. */
  series: Readonly<Record<string, ArrayLike<number>>>;
  /** Where the values stand; default 1, 2, 3, ... */
  x?: ArrayLike<number>;
  /** Default `epoch`. */
  xTitle?: string;
  yTitle: string;
  /** Logarithmic y axis; every value must be above 0 then. Default false. */
  logarithmic?: boolean;
}

/** Of the plot, CSS pixels. */
const WIDTH = 560;

/**
 * One or several lines over the same places, such as the parts of the loss over the epochs.
 *
 * @throws RangeError for no line or more than six, or lines that differ in length from `x`.
 */
export async function lineChart(what: LineChart, texts: FigureTexts): Promise<Figure> {
  const { series, xTitle = 'epoch', yTitle, logarithmic = false } = what;
  const names = Object.keys(series);
  if (names.length < 1 || names.length > SERIES.length) {
    throw new RangeError(`series: got ${names.length} lines, expected 1 to ${SERIES.length}`);
  }
  const x = what.x ?? Array.from({ length: series[names[0]].length }, (_, place) => place + 1);
  for (const name of names) {
    if (series[name].length !== x.length) {
      throw new RangeError(
        `series '${name}': got ${series[name].length} values, expected ${x.length}, one for each x`,
      );
    }
  }
  const places = Array.from(x);
  const finite = (value: number) => (Number.isFinite(value) ? value : null);
  // Field names are fixed: in Vega-Lite dots and brackets in a name have a meaning.
  const values = names.flatMap((name) =>
    places.map((place, k) => ({ x: place, y: finite(series[name][k]), line: name })),
  );
  const table: DataRow[] = places.map((place, k) => ({
    [xTitle]: place,
    ...Object.fromEntries(names.map((name) => [name, finite(series[name][k])])),
  }));
  const several = names.length > 1;
  const whole = places.every(Number.isInteger);
  const scale = (range: readonly unknown[]) => ({ domain: names, range: range.slice(0, names.length) });
  const colour = { field: 'line', type: 'nominal', title: null, scale: scale(SERIES) };
  const dash = { field: 'line', type: 'nominal', title: null, scale: scale(DASHES) };
  const legend = several ? { symbolType: 'stroke', columns: legendColumns(names, WIDTH) } : null;
  const spec = {
    width: WIDTH,
    height: 280,
    data: { values },
    encoding: {
      x: {
        field: 'x',
        type: 'quantitative',
        title: xTitle,
        scale: { zero: false, nice: false },
        axis: { format: whole ? 'd' : undefined, tickMinStep: whole ? 1 : undefined, tickCount: 8 },
      },
      y: {
        field: 'y',
        type: 'quantitative',
        title: yTitle,
        scale: logarithmic ? { type: 'log' } : { zero: true },
      },
    },
    layer: [
      {
        mark: { type: 'line', invalid: 'break-paths-show-domains' },
        encoding: { color: { ...colour, legend }, strokeDash: { ...dash, legend } },
      },
      // Points to hover over; lines of many values would be hidden by them.
      ...(places.length <= 60
        ? [
            {
              mark: { type: 'point', size: 24, opacity: 1 },
              encoding: { color: { ...colour, legend } },
            },
          ]
        : []),
    ],
  };
  return chart(spec, texts, table);
}
