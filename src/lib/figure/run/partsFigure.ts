import type { ExperimentResult } from 'yolov1';
import type { Figure } from '../../chart/figure';
import { lineChart } from '../../chart/lineChart';
import { mean } from '../../chart/spread';
import { logged } from './logged';
import type { RunTexts } from './runFigures';

/** Points of a curve that single batches would make jump are means over so many updates. */
const OVER = 15;

/** The parts of a run's loss by update, means over 15 updates, on a logarithmic axis. */
export async function partsFigure(
  run: ExperimentResult,
  parts: readonly string[],
  texts: RunTexts,
): Promise<Figure> {
  const smooth = (part: string) => {
    const values = logged(run, 'step', part);
    return values.map((_, k) => mean(values.slice(Math.max(0, k - OVER + 1), k + 1)));
  };
  return lineChart(
    {
      series: Object.fromEntries(parts.map((part) => [part, smooth(part)])),
      x: logged(run, 'step', 'step'),
      xTitle: 'update',
      yTitle: 'loss a picture',
      logarithmic: true,
    },
    { ...texts, runs: [run] },
  );
}
