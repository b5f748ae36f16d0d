import type { ExperimentEvaluation } from './evaluation';
import type { MetricsLine } from './runRecord';
import type { StepReport } from './trainer';

/** Fields of a step's line that have no mean over an epoch. */
const NOT_AVERAGED = ['kind', 'epoch', 'step', 'gradientNorm', 'factor'];

/** What metrics.jsonl says of one update. */
export function stepLine({ epoch, step, loss, parts, gradientNorm, factor }: StepReport): MetricsLine {
  return { kind: 'step', epoch, step, loss, ...parts, gradientNorm, factor };
}

/** What it says of an epoch: the means over its steps. */
export function epochLine(metrics: readonly MetricsLine[], epoch: number): MetricsLine {
  const steps = metrics.filter((line) => line.kind === 'step' && line.epoch === epoch);
  const last = steps.at(-1)!;
  const names = Object.keys(last).filter((name) => !NOT_AVERAGED.includes(name));
  const means = names.map((name) => [
    name,
    steps.reduce((sum, line) => sum + Number(line[name]), 0) / steps.length,
  ]);
  return { kind: 'epoch', epoch, step: last.step, ...(Object.fromEntries(means) as Record<string, number>) };
}

/** A line of metrics, or undefined for the last one of a run that was killed while writing it. */
export function parseLine(text: string): MetricsLine | undefined {
  try {
    return JSON.parse(text) as MetricsLine;
  } catch {
    return undefined;
  }
}

/** The epochs that were evaluated, from their lines. */
export function evaluatedEpochs(metrics: readonly MetricsLine[]): ExperimentEvaluation['epochs'] {
  return metrics.flatMap(({ kind, epoch, map }) =>
    kind === 'epoch' && map !== undefined ? [{ epoch, map: Number(map) }] : [],
  );
}
