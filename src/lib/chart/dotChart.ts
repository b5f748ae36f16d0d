import { chart } from './chart';
import type { Figure, FigureTexts } from './figure';
import { namedRows } from './namedRows';
import { type Reference, referenceLine } from './referenceLine';
import { mean } from './spread';
import { wrapped } from './style/textWidth';
import { CHART_CONFIG, GROUND, SERIES, THEME } from './style/theme';

/** One measured thing. */
export interface DotRow {
  name: string;
  /** Its measurements, such as one for each seed; a dot each. */
  values: readonly number[];
  /** Kind of the measurement, where one name has several; shown by colour and shape. */
  kind?: string;
}

/** What a dot chart shows. */
export interface DotChart {
  /** From the top; rows of one name share a line. Either all of them have a kind, or none. */
  rows: readonly DotRow[];
  /** Name of the values, such as `mAP@.5`. */
  valueTitle: string;
  reference?: Reference;
}

/** Two columns of words fit the width of a phone; the bars' own legend is pale. */
const LEGEND = { columns: 2, symbolOpacity: 1, symbolSize: 64 };
const SHAPES = ['circle', 'square', 'diamond', 'triangle-up', 'cross', 'triangle-down'];

/**
 * Measurements by name, a dot each, over a bar from the least to the most; the mean beside it, with the number of
 * measurements where there are several.
 *
 * @throws RangeError if there is no row, a row has no value, or there are more than six kinds.
 */
export async function dotChart(
  { rows, valueTitle, reference }: DotChart,
  texts: FigureTexts,
): Promise<Figure> {
  const empty = rows.find(({ values }) => values.length === 0);
  if (rows.length === 0 || empty) {
    throw new RangeError(`${empty ? `row '${empty.name}'` : 'rows'}: got none, expected at least one value`);
  }
  const kinds = [...new Set(rows.flatMap(({ kind }) => kind ?? []))];
  if (kinds.length > SERIES.length) {
    throw new RangeError(`rows: got ${kinds.length} kinds, expected at most ${SERIES.length}`);
  }
  const spans = rows.map(({ name, kind = '', values }) => ({
    name,
    kind,
    least: Math.min(...values),
    most: Math.max(...values),
    words: `${mean(values).toFixed(3)}${values.length > 1 ? `, n = ${values.length}` : ''}`,
  }));
  const dots = rows.flatMap(({ name, kind = '', values }) => values.map((value) => ({ name, kind, value })));
  const several = kinds.length > 0;
  const scale = (range: readonly string[]) => ({ domain: kinds, range: range.slice(0, kinds.length) });
  const byKind = (range: readonly string[]) =>
    several
      ? { field: 'kind', type: 'nominal', title: null, scale: scale(range), legend: LEGEND }
      : { value: range[0] };
  const spec = (narrow?: number) => {
    const { y, height, names } = namedRows(narrow !== undefined, several ? 17 * kinds.length : 18, 12);
    const place = {
      y,
      // Kinds lie below each other, so that equal values don't hide one another.
      ...(several ? { yOffset: { field: 'kind', type: 'nominal', sort: kinds } } : {}),
    };
    const title = wrapped(valueTitle, CHART_CONFIG.axis.titleFontSize, narrow);
    const x = (field: string) => ({ field, type: 'quantitative', title });
    const words = several
      ? { mark: { type: 'text', align: 'left', dx: 9, color: THEME.muted.light }, at: x('most') }
      : { mark: { type: 'text', align: 'right', dx: 96, color: THEME.ink.light }, at: { value: 'width' } };
    const encoding = { ...place, x: words.at, text: { field: 'words' } };
    return {
      width: narrow ?? 380,
      height: { step: several ? 17 : 24 },
      ...height,
      data: { values: spans },
      layer: [
        {
          mark: { type: 'rule', strokeWidth: 6, opacity: 0.25, strokeCap: 'round' },
          encoding: {
            ...place,
            x: x('least'),
            x2: { field: 'most' },
            color: byKind(SERIES),
          },
        },
        ...(reference ? referenceLine(reference) : []),
        {
          data: { values: dots },
          mark: { type: 'point', filled: true, size: 64, opacity: 1 },
          encoding: { ...place, x: x('value'), color: byKind(SERIES), shape: byKind(SHAPES) },
        },
        // Ground around words beside the dots: the line of the reference may run behind them.
        ...(reference && several ? [{ mark: { ...words.mark, ...GROUND }, encoding }] : []),
        { mark: words.mark, encoding },
        ...names,
      ],
    };
  };
  const table = rows.map(({ name, kind, values }) => ({
    name,
    ...(kind === undefined ? {} : { kind }),
    [valueTitle]: mean(values),
    least: Math.min(...values),
    most: Math.max(...values),
    runs: values.length,
  }));
  return chart(spec, texts, table);
}
