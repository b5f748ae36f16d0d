import type { ExperimentResult } from 'yolov1';
import { counted } from 'yolov1/form';
import type { EpochEvaluation } from 'yolov1/record';
import { type DotChart, dotChart } from '../../chart/dotChart';
import type { Figure, FigureTexts } from '../../chart/figure';
import { type LineChart, type Lines, lineChart } from '../../chart/lineChart';
import { mean } from '../../chart/spread';
import { valueAt } from './quote';
import { byRule } from './rules';

/** What a figure of runs says in words; its runs, their profile and how many pictures there were are told by the runs. */
export type RunTexts = Omit<FigureTexts, 'runs'>;

/** Runs that differ in nothing but the seed, as a row of {@link mapFigure}. */
export interface MapRow {
  name: string;
  runs: readonly ExperimentResult[];
  /** How the predictions are evaluated. Default `voc`. */
  rule?: Parameters<typeof byRule>[0];
  /** Kind of the row, where one name has several. */
  kind?: string;
}

/** Two rows of {@link mapFigure} for the same predictions: by the VOC rules, and by the original's. */
export function rowsByRule({ kind, ...row }: Omit<MapRow, 'rule'>): MapRow[] {
  const said = kind === undefined ? '' : `${kind}, `;
  return [
    { ...row, kind: `${said}VOC rules`, rule: 'voc' },
    { ...row, kind: `${said}original's rules`, rule: 'all' },
  ];
}

/** Runs by the names of their lines; those of a line differ in nothing but the seed. */
export type RunLines = Readonly<Record<string, readonly ExperimentResult[]>>;

/** A line chart without what the runs tell. */
type LineOptions = Partial<Omit<LineChart, 'series' | 'facet' | 'x'>>;

/** mAP@.5 of runs, a dot for each seed; the scale and the number of pictures are added to the caption. */
export async function mapFigure(
  rows: readonly MapRow[],
  texts: RunTexts,
  reference?: DotChart['reference'],
): Promise<Figure> {
  const dots = rows.map(({ name, kind, runs, rule = 'voc' }) => ({
    name,
    ...(kind === undefined ? {} : { kind }),
    values: runs.map((run) =>
      rule === 'voc' ? run.evaluation.final.pooled.map : valueAt(run.evaluation, byRule(rule), run.path),
    ),
  }));
  const runs = rows.flatMap((row) => row.runs);
  const chart = { rows: dots, valueTitle: 'mAP@.5', ...(reference ? { reference } : {}) };
  return dotChart(chart, withScale(texts, runs, 'pictures'));
}

/**
 * A value of the evaluations during training, by epoch; of several seeds the mean and the range.
 *
 * @param options - `from`: the first epoch that is shown. Default 0, before the first update.
 * @param of - Default: mAP@.5.
 */
export async function epochFigure(
  lines: RunLines,
  texts: RunTexts,
  options: LineOptions & { from?: number } = {},
  of: (evaluation: EpochEvaluation) => number = ({ map }) => map,
): Promise<Figure> {
  const { from = 0, ...chart } = options;
  const runs = Object.values(lines).flat();
  const shown = (run: ExperimentResult) => run.evaluation.epochs.filter(({ epoch }) => epoch >= from);
  const series = mapped(lines, (run) => shown(run).map(of));
  const x = shown(runs[0]).map(({ epoch }) => epoch);
  return lineChart({ yTitle: 'mAP@.5', ...chart, series, x }, withScale(texts, runs, 'pictures'));
}

/**
 * A value that is recorded with the updates, such as `loss` or `outputGradient.noObject`, where it is recorded; of several
 * seeds the mean and the range.
 *
 * @param field - Its name in the metrics, or what is made of a line of them.
 * @param over - Each point is the mean of so many updates up to it. Default 1.
 */
export async function updateFigure(
  lines: RunLines,
  field: string | ((line: Readonly<Record<string, unknown>>) => number),
  texts: RunTexts,
  options: LineOptions & { over?: number } = {},
): Promise<Figure> {
  const { over = 1, ...chart } = options;
  const value =
    typeof field === 'string' ? (line: Readonly<Record<string, unknown>>) => Number(line[field]) : field;
  const runs = Object.values(lines).flat();
  const noted = (run: ExperimentResult) =>
    run.metrics.filter((line) => line.kind === 'step' && Number.isFinite(value(line)));
  const series = mapped(lines, (run) => {
    const values = noted(run).map(value);
    return values.map((_, k) => mean(values.slice(Math.max(0, k - over + 1), k + 1)));
  });
  const x = noted(runs[0]).map(({ step }) => Number(step));
  const batch = Number(valueAt(runs[0].record.config, 'batchSize', runs[0].path));
  const xTitle = `update (${counted(batch, 'picture')} each)`;
  const yTitle = typeof field === 'string' ? field : 'value';
  return lineChart({ xTitle, yTitle, ...chart, series, x }, withScale(texts, runs, 'training pictures'));
}

function mapped(lines: RunLines, of: (run: ExperimentResult) => number[]): Lines {
  return Object.fromEntries(Object.entries(lines).map(([name, runs]) => [name, runs.map(of)]));
}

/** Caption with profile, number of pictures and, where there are several, of seeds. */
function withScale(
  texts: RunTexts,
  runs: readonly ExperimentResult[],
  what: 'pictures' | 'training pictures',
) {
  if (runs.length === 0) throw new RangeError(`figure '${texts.label}': got no run, expected at least one`);
  const [{ record, evaluation }] = runs;
  const n = what === 'pictures' ? evaluation.final.pictures : record.data.train.pictures;
  const seeds = new Set(runs.map(({ record: { config }, path }) => valueAt(config, 'seed', path))).size;
  const scale = [
    `profile ${record.profile}`,
    `n = ${n} ${what}`,
    ...(seeds > 1 ? [`up to ${seeds} seeds`] : []),
  ];
  return { ...texts, caption: `${texts.caption.replace(/\.$/, '')} (${scale.join(', ')}).`, runs };
}
