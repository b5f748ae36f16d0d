import { type ChartSpec, drawSpec } from './drawSpec';
import { checkTexts, type DataRow, type Figure, type FigureTexts, makeFigure } from './figure';
import { drawNarrow, type SpecOfWidth } from './narrow';

/**
 * Draws a Vega-Lite chart as a figure.
 *
 * @param spec - Vega-Lite 6, with its values inside (`data: { values }`); the project's theme is its `config`. By the width
 * of the plot, or with one (`width`), it is drawn a second time for a phone.
 * @param texts - Caption, alternative text and label.
 * @param data - Rows for the table under the figure; default: the specification's values.
 * @throws RangeError if a text is missing; Error if Vega-Lite complains of the specification.
 *
 * ```ts
 * const spec = { data: { values: [{ n: 1, ap: 0.2 }] }, mark: 'point', encoding: { x: { field: 'n' } } };
 * showFigure(await chart(spec, { caption: 'One point.', alt: 'A point.', label: 'point', runs: [] }));
 * ```
 */
export async function chart(
  spec: ChartSpec | SpecOfWidth,
  texts: FigureTexts,
  data?: readonly DataRow[],
): Promise<Figure> {
  checkTexts(texts);
  const ofWidth: SpecOfWidth =
    typeof spec === 'function' ? spec : (width) => (width === undefined ? spec : { ...spec, width });
  const whole = ofWidth();
  const isNarrowed = typeof spec === 'function' || typeof spec.width === 'number';
  const narrow = isNarrowed ? await drawNarrow(ofWidth) : undefined;
  return makeFigure(await drawSpec(whole), texts, data ?? valuesOf(whole), narrow);
}

function valuesOf(spec: ChartSpec): readonly DataRow[] {
  const values = Object(spec.data).values;
  return Array.isArray(values) ? values : [];
}
