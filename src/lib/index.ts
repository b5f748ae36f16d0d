export { type Bar, type BarChart, barChart } from './chart/barChart';
export { chart } from './chart/chart';
export { type DotChart, type DotRow, dotChart } from './chart/dotChart';
export type { ChartSpec } from './chart/drawSpec';
export type { DataRow, Figure, FigureTexts, ResultFile } from './chart/figure';
export { type HeatMap, heatMap } from './chart/heatMap';
export { type HeatMaps, heatMaps } from './chart/heatMaps';
export { type Histogram, histogram } from './chart/histogram';
export { type Line, type LineChart, type Lines, lineChart } from './chart/lineChart';
export { type PrecisionCurve, precisionRecallChart } from './chart/precisionRecallChart';
export { showFigure } from './chart/showFigure';
export { mean, spread } from './chart/spread';
export { type StackedBars, stackedBars } from './chart/stackedBars';
export { calibration, type Speeds, speeds } from './figure/benchmarks';
export { calibrationFigure } from './figure/calibrationFigure';
export { describeRun } from './figure/describeRun';
export { type Detections, detectionsFigure, type FoundBox } from './figure/detectionsFigure';
export { type Example, exampleMosaic, exampleScene, sceneBatch } from './figure/examples';
export { type MemoryPlan, memoryPlanFigure } from './figure/memoryPlanFigure';
export { memoryTimelineFigure } from './figure/memoryTimelineFigure';
export { type NetworkShapes, networkFigure } from './figure/networkFigure';
export { nmsFigure, type Suppression } from './figure/nmsFigure';
export type { ShownPicture } from './figure/picture';
export { type Responsible, responsibleFigure } from './figure/responsibleFigure';
export { confidenceFigure, confidenceMapsFigure } from './figure/run/confidenceFigure';
export { classCurvesFigure, curvesFigure, type Detectors, errorsFigure } from './figure/run/detectorFigures';
export {
  type ExperimentData,
  type Experiments,
  type ExperimentsOptions,
  experiments,
  scenes,
} from './figure/run/experiments';
export { logged } from './figure/run/logged';
export { partsFigure } from './figure/run/partsFigure';
export { type Quote, type QuoteOptions, quote, source } from './figure/run/quote';
export { bothRules, byRule, evaluationRules } from './figure/run/rules';
export {
  epochFigure,
  type MapRow,
  mapFigure,
  type RunLines,
  type RunTexts,
  rowsByRule,
  updateFigure,
} from './figure/run/runFigures';
export { AS_ORIGINAL, compareWithOriginal, originalConfig } from './figure/run/setups';
export { type SceneGrid, sceneGridFigure } from './figure/sceneGridFigure';
export { soakFigure } from './figure/soakFigure';
export { type Display, display, liveDisplay } from './notebook/display';
export { recordInput } from './notebook/inputs';
export { type TableCell, type TableTexts, table } from './notebook/table';
