export { type Bar, type BarChart, barChart } from './chart/barChart';
export { chart } from './chart/chart';
export type { ChartSpec } from './chart/drawSpec';
export type { DataRow, Figure, FigureTexts } from './chart/figure';
export { type HeatMap, heatMap } from './chart/heatMap';
export { type Histogram, histogram } from './chart/histogram';
export { type LineChart, lineChart } from './chart/lineChart';
export { type Curve, precisionRecallChart } from './chart/precisionRecallChart';
