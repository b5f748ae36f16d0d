import type { ExperimentEvaluation } from './evaluation';
import type { MetricsLine } from './runRecord';
import type { StepReport } from './trainer';

/** What an update cost: these differ from run to run, everything else in a line does not. */
export interface StepCost {
  /** Wall-clock time since the update before it, waiting for pictures included. */
  seconds: number;
  /** Tensors that exist after it; a number that grows is a leak. */
  tensors: number;
  /** Resident size of the process after it, in MiB. */
  residentMiB: number;
}

/** Fields of a step's line that have no mean over an epoch. */
const NOT_AVERAGED = ['kind', 'epoch', 'step', 'gradientNorm', 'factor', 'seconds', 'tensors', 'residentMiB'];

/** What metrics.jsonl says of one update. */
export function stepLine(report: StepReport, cost: StepCost): MetricsLine {
  const { epoch, step, loss, parts, gradientNorm, factor } = report;
  return { kind: 'step', epoch, step, loss, ...parts, gradientNorm, factor, ...cost };
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

/** The epochs that were evaluated, from their lines. */
export function evaluatedEpochs(metrics: readonly MetricsLine[]): ExperimentEvaluation['epochs'] {
  return metrics.flatMap(({ kind, epoch, map }) =>
    // A mAP that is not a number, for want of objects, is null when it has been stored.
    kind === 'epoch' && map !== undefined ? [{ epoch, map: Number(map ?? Number.NaN) }] : [],
  );
}
