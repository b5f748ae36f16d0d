import type { ExperimentResult } from 'yolov1';
import type { Figure, FigureTexts } from '../../chart/figure';
import { precisionRecallChart } from '../../chart/precisionRecallChart';
import { mean } from '../../chart/spread';
import { stackedBars } from '../../chart/stackedBars';
import type { RunTexts } from './runFigures';

/** Evaluated runs by the names of their detectors, at most six. */
export type Detectors = Readonly<Record<string, ExperimentResult>>;

/** What the surest detections of a class can be, as an evaluation calls it and in words. */
const KINDS = {
  correct: 'right',
  localisation: 'badly placed',
  similar: 'similar class',
  other: 'other class',
  background: 'background',
} as const;

/**
 * Precision over recall at IoU .5 by detector: the mean over the classes.
 *
 * @param cut - Name of the detector under whose curve is shaded what the original's cut at a score of .4 leaves. Default: none.
 * @throws Error for a run whose record holds no curves, or of which nothing is known of the cut.
 */
export async function curvesFigure(detectors: Detectors, texts: RunTexts, cut?: string): Promise<Figure> {
  const curves = mapped(detectors, (run) => {
    const found = curvesOf(run);
    return found[0].precision.map((_, k) => mean(found.map(({ precision }) => precision[k])));
  });
  const kept = cut === undefined ? undefined : { detector: cut, ...leftByCut(detectors[cut]) };
  return precisionRecallChart({ all: curves }, withRuns(texts, detectors), kept);
}

/**
 * Precision over recall by class, a small panel each, in the order of the last detector's AP, which stands beside the name.
 *
 * @throws Error for a run whose record holds no curves.
 */
export async function classCurvesFigure(detectors: Detectors, texts: RunTexts): Promise<Figure> {
  const last = Object.values(detectors).at(-1)!;
  const classes = last.evaluation.final.pooled.classes.filter(({ objects }) => objects > 0);
  const panels = classes
    .sort((a, b) => b.ap - a.ap)
    .map(({ name, ap }) => [
      `${name} ${ap.toFixed(2)}`,
      mapped(detectors, (run) => curvesOf(run).find((curve) => curve.name === name)!.precision),
    ]);
  return precisionRecallChart(Object.fromEntries(panels), withRuns(texts, detectors));
}

/** What the surest detections of each class are, as many as there are objects (Hoiem et al. 2012), by detector. */
export async function errorsFigure(detectors: Detectors, texts: RunTexts): Promise<Figure> {
  const bars = mapped(detectors, ({ path, evaluation: { final } }) => {
    const { errors } = final;
    if (!errors) throw new Error(`${path}: its record holds no error analysis`);
    return Object.fromEntries(
      (Object.keys(KINDS) as (keyof typeof KINDS)[]).map((kind) => [KINDS[kind], 100 * errors[kind]]),
    );
  });
  return stackedBars({ bars, valueTitle: 'surest detections (%)' }, withRuns(texts, detectors));
}

/** The mAP that is left of a run by the original's cut, and how much it is of the whole. */
function leftByCut({ path, evaluation: { final } }: ExperimentResult) {
  if (!final.writeUp) throw new Error(`${path}: its record holds no evaluation by the original's rules`);
  const { scoreCut: area, voc } = final.writeUp;
  return { area, words: `scores above .4: ${area.toFixed(4)} of ${voc.toFixed(4)}` };
}

function curvesOf({ path, evaluation: { final } }: ExperimentResult) {
  if (!final.curves) throw new Error(`${path}: its record holds no precision over recall`);
  return final.curves;
}

function mapped<Value>(detectors: Detectors, of: (run: ExperimentResult) => Value): Record<string, Value> {
  return Object.fromEntries(Object.entries(detectors).map(([name, run]) => [name, of(run)]));
}

function withRuns(texts: RunTexts, detectors: Detectors): FigureTexts {
  return { ...texts, runs: Object.values(detectors) };
}
