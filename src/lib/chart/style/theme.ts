/** A colour of the charts on light and on dark ground. */
export interface ThemeColour {
  light: string;
  dark: string;
}

/**
 * Every colour that follows the reader's theme. A chart is drawn in the light ones, plainly, so that it looks
 * right wherever it is shown alone; the report replaces them by CSS variables of these names.
 */
export const THEME = {
  paper: { light: '#ffffff', dark: '#14181d' },
  ink: { light: '#1d2530', dark: '#e4e8ed' },
  muted: { light: '#59636f', dark: '#a3adb9' },
  axis: { light: '#97a1ad', dark: '#66707c' },
  grid: { light: '#e4e7eb', dark: '#2b323a' },
  series1: { light: '#0067a5', dark: '#58aee8' },
  series2: { light: '#c84e00', dark: '#ff9151' },
  series3: { light: '#00805d', dark: '#35c79d' },
  series4: { light: '#a8487f', dark: '#e79ac6' },
  series5: { light: '#9a6a00', dark: '#eab543' },
  series6: { light: '#4d5563', dark: '#bac3ce' },
} as const satisfies Readonly<Record<string, ThemeColour>>;

/**
 * Colours for up to six categories: Okabe and Ito's palette (told apart with every common colour blindness),
 * darkened on light and lightened on dark ground until each stands out from it by 3:1.
 */
export const SERIES: readonly string[] = Object.entries(THEME)
  .filter(([name]) => name.startsWith('series'))
  .map(([, colour]) => colour.light);

/** What the system's own interface is set in. */
export const FONT = 'system-ui, -apple-system, Segoe UI, Roboto, Helvetica Neue, Arial, sans-serif';

/** Dash patterns that go with the categories, so that lines differ in print and to every eye. */
export const DASHES: readonly (readonly number[])[] = [
  [1, 0],
  [6, 3],
  [2, 2.5],
  [9, 3, 2, 3],
  [4, 2],
  [1, 3],
];

/** Behind words over which a line may run, the same words drawn with this. */
export const GROUND = { stroke: THEME.paper.light, strokeWidth: 5, strokeJoin: 'round' };

/** Vega-Lite's `config` of every chart. */
export const CHART_CONFIG = {
  background: THEME.paper.light,
  font: FONT,
  padding: { left: 4, top: 6, right: 8, bottom: 4 },
  view: { stroke: null },
  axis: {
    labelColor: THEME.muted.light,
    titleColor: THEME.ink.light,
    labelFontSize: 12,
    titleFontSize: 13,
    titleFontWeight: 500,
    titlePadding: 8,
    labelPadding: 5,
    // A name that is cut off may be cut where it differs from the next one.
    labelLimit: 300,
    domainColor: THEME.axis.light,
    tickColor: THEME.axis.light,
    gridColor: THEME.grid.light,
    tickSize: 4,
  },
  axisX: { grid: false },
  // Moved inwards, the outermost numbers would touch their neighbours.
  axisQuantitative: { tickCount: 6, labelFlush: false },
  legend: {
    labelColor: THEME.ink.light,
    titleColor: THEME.ink.light,
    labelFontSize: 12.5,
    titleFontSize: 12.5,
    titleFontWeight: 500,
    orient: 'top',
    direction: 'horizontal',
    offset: 10,
    columnPadding: 18,
    labelLimit: 300,
    symbolSize: 220,
    symbolStrokeWidth: 2.5,
  },
  title: { color: THEME.ink.light, fontSize: 14, fontWeight: 600, anchor: 'start', offset: 12 },
  header: { labelColor: THEME.ink.light, titleColor: THEME.ink.light, labelFontSize: 12.5 },
  text: { color: THEME.ink.light, fontSize: 12 },
  bar: { color: THEME.series1.light },
  line: { color: THEME.series1.light, strokeWidth: 2.25, strokeJoin: 'round', strokeCap: 'round' },
  point: { color: THEME.series1.light, filled: true },
  rule: { color: THEME.muted.light },
  area: { color: THEME.series1.light },
  range: { category: SERIES },
} as const;
