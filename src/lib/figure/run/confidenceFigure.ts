import type { ExperimentResult } from 'yolov1';
import type { Figure } from '../../chart/figure';
import { heatMaps } from '../../chart/heatMaps';
import { lineChart } from '../../chart/lineChart';
import type { RunTexts } from './runFigures';

/** Confidences beyond the original's score cut are hardly reached. */
const MOST = 0.4;
/** Pictures shown one by one: with their mean they fill a row. */
const SINGLE = 3;

/**
 * Share of grid cells whose surer predictor is at or above each confidence up to .4, for cells with an object and empty ones,
 * after the last evaluated epoch.
 *
 * @throws Error if the record holds no survey of confidences.
 */
export async function confidenceFigure(run: ExperimentResult, texts: RunTexts): Promise<Figure> {
  const { withObject, empty } = lastSurvey(run).confidence;
  const x = withObject.edges.slice(0, -1).filter((edge) => edge <= MOST);
  // Where no cell is left the logarithm has nothing to show.
  const share = ({ counts, cells }: typeof empty) =>
    x.map((_, bin) => counts.slice(bin).reduce((sum, count) => sum + count, 0) / cells || Number.NaN);
  return lineChart(
    {
      series: { 'with an object': share(withObject), empty: share(empty) },
      x,
      xTitle: "confidence (the original's cut: a score above .4)",
      yTitle: 'share of cells at or above it',
      logarithmic: true,
    },
    { ...texts, runs: [run] },
  );
}

/**
 * Confidence of each grid cell's surer predictor after the last evaluated epoch: the mean of all pictures, and three single
 * ones, as maps of the grid.
 *
 * @throws Error if the record holds no survey of confidences.
 */
export async function confidenceMapsFigure(run: ExperimentResult, texts: RunTexts): Promise<Figure> {
  const { meanMap, pictureMaps } = lastSurvey(run);
  const single = Object.fromEntries(pictureMaps.slice(0, SINGLE).map(({ key, map }) => [key, map]));
  const maps = { 'mean of all': meanMap, ...single };
  return heatMaps({ maps, valueTitle: 'confidence' }, { ...texts, runs: [run] });
}

function lastSurvey({ evaluation, path }: ExperimentResult) {
  const { confidence, meanMap, pictureMaps } = evaluation.epochs.at(-1) ?? {};
  if (!confidence || !meanMap || !pictureMaps) throw new Error(`${path}: its record holds no confidences`);
  return { confidence, meanMap, pictureMaps };
}
