import { type ChartSpec, drawSpec } from './drawSpec';
import { checkTexts, type DataRow, type Figure, type FigureTexts, makeFigure } from './figure';

/**
 * Draws a Vega-Lite chart as a figure.
 *
 * @param spec - Vega-Lite 6, with its values inside (`data: { values }`); the project's theme is its `config`.
 * @param texts - Caption, alternative text and label.
 * @param data - Rows for the table under the figure; default: the specification's values.
 * @throws RangeError if a text is missing; Error if Vega-Lite complains of the specification.
 *
 * ```ts
 * const spec = { data: { values: [{ n: 1, ap: 0.2 }] }, mark: 'point', encoding: { x: { field: 'n' } } };
 * showFigure(await chart(spec, { caption: 'One point.', alt: 'A point.', label: 'point', runs: [] }));
 * ```
 */
export async function chart(spec: ChartSpec, texts: FigureTexts, data = valuesOf(spec)): Promise<Figure> {
  checkTexts(texts);
  return makeFigure(await drawSpec(spec), texts, data);
}

function valuesOf(spec: ChartSpec): readonly DataRow[] {
  const values = Object(spec.data).values;
  return Array.isArray(values) ? values : [];
}
