import { chart } from './chart';
import type { Figure, FigureTexts } from './figure';

/** Heat maps side by side. */
export interface HeatMaps {
  /** Square maps by their titles, `values[row][column]`, all with the same number of cells a side. */
  maps: Readonly<Record<string, readonly ArrayLike<number>[]>>;
  /** Name of the values. */
  valueTitle: string;
  /** Maps in a row; default 4. */
  perRow?: number;
  /** Range of the colours; default: from the smallest to the largest value of all maps. */
  domain?: readonly [number, number];
}

/** Side of one map, CSS pixels. */
const SIDE = 126;

/**
 * Small multiples of square maps on one scale of colours, such as confidence by cell after each epoch. The row grows
 * downwards and the column to the right, as in the picture.
 *
 * @throws RangeError if there is no map, or a map is not square or of another size than the first.
 */
export async function heatMaps(what: HeatMaps, texts: FigureTexts): Promise<Figure> {
  const { maps, valueTitle, perRow = 4 } = what;
  const titles = Object.keys(maps);
  if (titles.length === 0) throw new RangeError('maps: got none, expected at least one');
  const side = maps[titles[0]].length;
  const cells = titles.flatMap((title) => cellsOf(title, maps[title], side));
  const known = cells.flatMap(({ value }) => value ?? []);
  const domain = what.domain ?? [
    known.reduce((a, b) => Math.min(a, b), Infinity),
    known.reduce((a, b) => Math.max(a, b), -Infinity),
  ];
  const axis = { domain: false, ticks: false, labelAngle: 0, labelFontSize: 10, titleFontSize: 11 };
  const spec = (narrow?: number) => ({
    data: { values: cells },
    facet: { field: 'map', type: 'nominal', sort: titles, title: null, header: { labelFontSize: 12 } },
    columns: Math.min(narrow ? 2 : perRow, titles.length),
    spacing: 18,
    spec: {
      width: narrow ?? SIDE,
      height: narrow ?? SIDE,
      mark: { type: 'rect' },
      encoding: {
        x: { field: 'column', type: 'ordinal', title: 'column', axis },
        y: { field: 'row', type: 'ordinal', title: 'row', axis },
        color: {
          field: 'value',
          type: 'quantitative',
          title: valueTitle,
          scale: { scheme: 'cividis', domain },
          legend: narrow
            ? { orient: 'bottom', gradientLength: 2 * narrow, titleLimit: 2 * narrow }
            : { orient: 'right', direction: 'vertical', gradientLength: SIDE, titleLimit: 120 },
        },
      },
    },
    config: { scale: { bandPaddingInner: 0, bandPaddingOuter: 0 } },
  });
  return chart(
    spec,
    texts,
    cells.map(({ map, row, column, value }) => ({ map, row, column, [valueTitle]: value })),
  );
}

function cellsOf(map: string, values: readonly ArrayLike<number>[], side: number) {
  if (side === 0 || values.length !== side || values.some((row) => row.length !== side)) {
    throw new RangeError(
      `map '${map}': got ${values.length} rows of ${[...new Set(values.map((row) => row.length))].join(', ')} cells, ` +
        `expected ${side} rows of ${side}, and at least one`,
    );
  }
  return values.flatMap((row, r) =>
    Array.from(row, (value, column) => ({
      map,
      row: r,
      column,
      value: Number.isFinite(value) ? value : null,
    })),
  );
}
