import { chart } from './chart';
import type { Figure, FigureTexts } from './figure';
import { type Reference, referenceLine } from './referenceLine';
import { THEME } from './style/theme';

/** One bar. */
export interface Bar {
  name: string;
  /** Null where there is none, such as the AP of a class without objects. */
  value: number | null;
  /** How many things the value rests on, such as objects of the class. */
  n?: number;
}

/** What a bar chart shows. */
export interface BarChart {
  bars: readonly Bar[];
  /** Name of the values, such as `AP@.5`. */
  valueTitle: string;
  /** Lines that the bars are seen against; their names must have room beside each other. */
  references?: readonly Reference[];
}

/**
 * Horizontal bars, the longest first, each with its value and `n` beside it: average precision by class.
 *
 * @throws RangeError if there is no bar.
 */
export async function barChart(
  { bars, valueTitle, references = [] }: BarChart,
  texts: FigureTexts,
): Promise<Figure> {
  if (bars.length === 0) throw new RangeError('bars: got none, expected at least one');
  const order = [...bars].sort((a, b) => (b.value ?? -1) - (a.value ?? -1));
  const values = order.map(({ name, value, n }) => ({
    name,
    value: value ?? 0,
    words: value === null ? 'none' : value.toFixed(3),
    rests: n === undefined ? '' : `n = ${n}`,
  }));
  const y = { field: 'name', type: 'nominal', sort: null, title: null };
  const x = { field: 'value', type: 'quantitative', title: valueTitle, axis: { tickCount: 5 } };
  const spec = (narrow?: number) => ({
    width: narrow ?? 380,
    height: { step: 21 },
    data: { values },
    layer: [
      {
        mark: { type: 'bar', height: { band: 0.68 } },
        encoding: { y: { ...y, axis: { ticks: false, domain: false } }, x },
      },
      column('words', 48, THEME.ink.light),
      column('rests', 118, THEME.muted.light),
      ...references.flatMap(referenceLine),
    ],
  });
  const table = order.map(({ name, value, n }) => ({
    name,
    [valueTitle]: value,
    ...(n === undefined ? {} : { n }),
  }));
  return chart(spec, texts, table);
}

/** Words of every bar, flush right in a column beside the bars; `dx` is where it ends. */
function column(field: string, dx: number, color: string) {
  return {
    mark: { type: 'text', align: 'right', dx, color },
    encoding: { y: { field: 'name', type: 'nominal', sort: null }, x: { value: 'width' }, text: { field } },
  };
}
