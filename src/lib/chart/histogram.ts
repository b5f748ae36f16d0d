import { chart } from './chart';
import type { Figure, FigureTexts } from './figure';
import { THEME } from './style/theme';

/** What a histogram shows. */
export interface Histogram {
  values: ArrayLike<number>;
  /** Name of the values. */
  title: string;
  /** What is counted, such as `objects`; default `count`. */
  countTitle?: string;
  /** Number of bins; default 24. */
  bins?: number;
}

/**
 * How often values fall into equally wide bins from the smallest to the largest.
 *
 * @throws RangeError if a value is not finite, there is none, or `bins` is not a number of bins.
 */
export async function histogram(what: Histogram, texts: FigureTexts): Promise<Figure> {
  const { title, countTitle = 'count', bins = 24 } = what;
  const values = Array.from(what.values);
  if (values.length === 0) throw new RangeError('values: got none, expected at least one');
  const wrong = values.find((value) => !Number.isFinite(value));
  if (wrong !== undefined) throw new RangeError(`values: got ${wrong}, expected finite numbers`);
  if (!Number.isInteger(bins) || bins < 1)
    throw new RangeError(`bins: got ${bins}, expected a whole number above 0`);
  const counted = count(values, bins);
  const spec = {
    width: 560,
    height: 240,
    data: { values: counted },
    mark: { type: 'bar', binSpacing: 1 },
    encoding: {
      x: { field: 'from', bin: { binned: true }, type: 'quantitative', title, scale: { zero: false } },
      x2: { field: 'to' },
      y: { field: 'count', type: 'quantitative', title: countTitle, axis: { tickMinStep: 1 } },
      color: { value: THEME.series1.light },
    },
  };
  const table = counted.map(({ from, to, count }) => ({ from, to, [countTitle]: count }));
  return chart(spec, texts, table);
}

function count(values: readonly number[], bins: number) {
  const least = values.reduce((a, b) => Math.min(a, b));
  const most = values.reduce((a, b) => Math.max(a, b));
  const width = (most - least || 1) / bins;
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) counts[Math.min(bins - 1, Math.floor((value - least) / width))]++;
  return counts.map((count, k) => ({ from: least + k * width, to: least + (k + 1) * width, count }));
}
