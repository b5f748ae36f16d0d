import type { ExperimentResult } from 'yolov1';
import type { Figure, FigureTexts } from '../chart/figure';
import { lineChart } from '../chart/lineChart';

/** Columns of an epoch's line that are no parts of the loss. */
const NOT_PARTS = ['kind', 'epoch', 'step', 'loss', 'map'];

/** The mean of each part of a run's loss by epoch. */
export function lossFigure(run: ExperimentResult, texts: FigureTexts): Promise<Figure> {
  const epochs = run.metrics.filter(({ kind }) => kind === 'epoch');
  const parts = Object.keys(epochs[0]).filter((name) => !NOT_PARTS.includes(name));
  const series = Object.fromEntries(parts.map((name) => [name, epochs.map((line) => Number(line[name]))]));
  return lineChart({ series, yTitle: 'loss a picture' }, texts);
}
