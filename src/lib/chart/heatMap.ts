import { counted } from 'yolov1/form';
import { chart } from './chart';
import type { Figure, FigureTexts } from './figure';

/** What a heat map shows. */
export interface HeatMap {
  /** `values[row][column]`, all rows equally long. */
  values: readonly ArrayLike<number>[];
  /** Names of the rows, from the top; default 0, 1, 2, ... */
  rows?: readonly string[];
  /** Names of the columns; default 0, 1, 2, ... */
  columns?: readonly string[];
  rowTitle?: string;
  columnTitle?: string;
  /** Name of the values. */
  valueTitle: string;
  /** Range of the colours; default: from the smallest to the largest value. */
  domain?: readonly [number, number];
}

/** Widest that the field of cells becomes, CSS pixels. */
const WIDEST = 520;

/**
 * Numbers by row and column as colours, such as a confidence map or a confusion matrix. The ramp grows evenly in
 * lightness and is told apart with every colour blindness; up to 14 columns the number stands in each cell.
 *
 * @throws RangeError if there is no cell, or rows or names differ in number.
 */
export async function heatMap(what: HeatMap, texts: FigureTexts): Promise<Figure> {
  const { rowTitle, columnTitle, valueTitle } = what;
  const height = what.values.length;
  const width = what.values[0]?.length ?? 0;
  if (width === 0) throw new RangeError('values: got no cell, expected at least one');
  const rows = what.rows ?? names(height);
  const columns = what.columns ?? names(width);
  const wrong = what.values.findIndex((row) => row.length !== width);
  if (wrong >= 0)
    throw new RangeError(
      `values[${wrong}]: got ${counted(what.values[wrong].length, 'cell')}, expected ${width}`,
    );
  if (rows.length !== height)
    throw new RangeError(`rows: got ${counted(rows.length, 'name')}, expected ${height}`);
  if (columns.length !== width)
    throw new RangeError(`columns: got ${counted(columns.length, 'name')}, expected ${width}`);
  const cells = what.values.flatMap((row, r) =>
    Array.from(row, (value, c) => ({
      row: rows[r],
      column: columns[c],
      value: Number.isFinite(value) ? value : null,
    })),
  );
  const known = cells.flatMap(({ value }) => value ?? []);
  const [least, most] = what.domain ?? [
    known.reduce((a, b) => Math.min(a, b), Infinity),
    known.reduce((a, b) => Math.max(a, b), -Infinity),
  ];
  const step = Math.min(44, Math.floor(WIDEST / width));
  const axis = { domain: false, ticks: false };
  const spec = {
    width: step * width,
    height: step * height,
    data: { values: cells },
    encoding: {
      x: {
        field: 'column',
        type: 'nominal',
        sort: null,
        title: columnTitle ?? null,
        axis: { ...axis, labelAngle: longest(columns) > 4 ? -45 : 0 },
      },
      y: { field: 'row', type: 'nominal', sort: null, title: rowTitle ?? null, axis },
    },
    layer: [
      {
        mark: { type: 'rect' },
        encoding: {
          color: {
            field: 'value',
            type: 'quantitative',
            title: valueTitle,
            scale: { scheme: 'cividis', domain: [least, most] },
            legend: {
              orient: 'right',
              direction: 'vertical',
              gradientLength: Math.min(160, step * height),
              titleLimit: 120,
            },
          },
        },
      },
      ...(width <= 14
        ? [
            numbers(
              (least + most) / 2,
              cells.every(({ value }) => Number.isInteger(value)),
            ),
          ]
        : []),
    ],
    config: { scale: { bandPaddingInner: 0, bandPaddingOuter: 0 } },
  };
  const table = cells.map(({ row, column, value }) => ({
    [rowTitle ?? 'row']: row,
    [columnTitle ?? 'column']: column,
    [valueTitle]: value,
  }));
  return chart(spec, texts, table);
}

/** Text in the cells: on the ramp's dark half white, on its bright half black, in both themes. */
function numbers(middle: number, whole: boolean) {
  return {
    mark: { type: 'text', fontSize: 11 },
    encoding: {
      text: { field: 'value', type: 'quantitative', format: whole ? 'd' : '.2f' },
      color: { condition: { test: `datum.value > ${middle}`, value: '#000' }, value: '#fff' },
    },
  };
}

function names(length: number): string[] {
  return Array.from({ length }, (_, k) => String(k));
}

function longest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, text.length), 0);
}
