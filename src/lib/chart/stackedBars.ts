import { chart } from './chart';
import type { Figure, FigureTexts } from './figure';
import { namedRows } from './namedRows';
import { NARROW } from './narrow';
import { legendColumns } from './style/legendColumns';
import { SERIES } from './style/theme';

/** What stacked bars show. */
export interface StackedBars {
  /** The parts of each bar by its name; the same parts in the same order in every bar, at most six. */
  bars: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Name of the values. */
  valueTitle: string;
}

/** A share narrower than this, of the longest bar, has no room for its number. */
const TIGHT = 0.07;

/**
 * Horizontal bars of parts one after the other, each part in its colour with its number inside.
 *
 * @throws RangeError for no bar, more than six parts, bars of other parts than the first, or a part that is negative or no
 * number.
 */
export async function stackedBars({ bars, valueTitle }: StackedBars, texts: FigureTexts): Promise<Figure> {
  const names = Object.keys(bars);
  const parts = Object.keys(bars[names[0]] ?? {});
  if (parts.length < 1 || parts.length > SERIES.length) {
    throw new RangeError(`bars: got ${parts.length} parts, expected 1 to ${SERIES.length}`);
  }
  for (const name of names) {
    if (Object.keys(bars[name]).join() !== parts.join()) {
      throw new RangeError(
        `bar '${name}': got ${Object.keys(bars[name]).join(', ')}, expected ${parts.join(', ')}`,
      );
    }
    const wrong = parts.find((part) => !(bars[name][part] >= 0 && Number.isFinite(bars[name][part])));
    if (wrong !== undefined) {
      throw new RangeError(`bar '${name}': ${wrong} is ${bars[name][wrong]}, expected a number from 0`);
    }
  }
  const totals = names.map((name) => parts.reduce((sum, part) => sum + bars[name][part], 0));
  const most = Math.max(...totals);
  const values = names.flatMap((name) => {
    let start = 0;
    return parts.map((part) => {
      const value = bars[name][part];
      const words = value >= TIGHT * most ? String(Number(value.toPrecision(2))) : '';
      const row = { name, part, start, end: start + value, middle: start + value / 2, words };
      start += value;
      return row;
    });
  });
  const spec = (narrow?: number) => {
    const { y, height, names: rowNames } = namedRows(narrow !== undefined, 26);
    return {
      width: narrow ?? 460,
      height: { step: 30 },
      ...height,
      data: { values },
      layer: [
        {
          mark: { type: 'bar', height: { band: 0.7 } },
          encoding: {
            y,
            x: { field: 'start', type: 'quantitative', title: valueTitle, scale: { nice: false } },
            x2: { field: 'end' },
            color: {
              field: 'part',
              type: 'nominal',
              title: null,
              scale: { domain: parts, range: SERIES.slice(0, parts.length) },
              legend: { columns: narrow ? legendColumns(parts, NARROW) : 3 },
            },
          },
        },
        {
          mark: { type: 'text', color: '#ffffff', fontWeight: 600, tooltip: false },
          encoding: { y, x: { field: 'middle', type: 'quantitative' }, text: { field: 'words' } },
        },
        ...rowNames,
      ],
    };
  };
  return chart(
    spec,
    texts,
    names.map((name) => ({ bar: name, ...bars[name] })),
  );
}
