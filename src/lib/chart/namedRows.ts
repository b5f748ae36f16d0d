import { GROUND, THEME } from './style/theme';

/** Height of a line of names above its row, CSS pixels. */
const NAME = 17;

/**
 * Rows of a Vega-Lite chart by their field `name`: the names stand on the axis, or, where a phone has no room beside the
 * plot, each above its row.
 *
 * @param step - Of a row without its name, CSS pixels.
 * @param labelPadding - Between the names on the axis and the plot.
 * @returns The channel `y`, the height of a chart for a phone, and the layers that write the names.
 */
export function namedRows(isNarrow: boolean, step: number, labelPadding = 5) {
  const y = { field: 'name', type: 'nominal', sort: null, title: null };
  if (!isNarrow)
    return { y: { ...y, axis: { ticks: false, domain: false, labelPadding } }, height: {}, names: [] };
  const padding = NAME / (step + NAME);
  const rows = { ...y, axis: null, scale: { type: 'band', paddingInner: padding, paddingOuter: padding } };
  const mark = {
    type: 'text',
    align: 'left',
    baseline: 'bottom',
    dy: -1,
    color: THEME.ink.light,
    tooltip: false,
  };
  // A row of several kinds is several rows of data: written over each other, a name would look bold.
  const once = [{ aggregate: [], groupby: ['name'] }];
  const encoding = { y: { ...rows, bandPosition: 0 }, x: { value: 0 }, text: { field: 'name' } };
  return {
    y: rows,
    height: { height: { step: step + NAME, for: 'position' } },
    names: [
      { transform: once, mark: { ...mark, ...GROUND }, encoding },
      { transform: once, mark, encoding },
    ],
  };
}
