import { THEME } from './style/theme';

/** A value that others are seen against, such as their mean, with its name. */
export interface Reference {
  name: string;
  value: number;
}

/** Layers of a Vega-Lite chart: a dashed upright line at a value of its x axis, with its name above. */
export function referenceLine({ name, value }: Reference) {
  const data = { values: [{ reference: value, words: `${name} ${value.toFixed(3)}` }] };
  const x = { field: 'reference', type: 'quantitative' };
  return [
    { data, mark: { type: 'rule', strokeDash: [5, 4], color: THEME.series2.light }, encoding: { x } },
    {
      data,
      mark: { type: 'text', align: 'left', baseline: 'bottom', dx: 5, dy: -3, color: THEME.series2.light },
      encoding: { x, y: { value: 0 }, text: { field: 'words' } },
    },
  ];
}
