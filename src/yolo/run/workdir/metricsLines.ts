import type { MetricsLine } from '../../record/runRecord';
import type { StepReport } from '../../train/stepReport';

/** Costs of an update: they differ from run to run, everything else in a line does not. */
export interface StepCost {
  /** Wall-clock time since the update before it, waiting for pictures included. */
  seconds: number;
  /** Tensors that exist after it; a number that grows is a leak. */
  tensors: number;
  /** Resident size of the process after it, in MiB. */
  residentMiB: number;
}

/** Fields of a step's line that have no mean over an epoch; fields of some steps only are left out as well. */
const NOT_AVERAGED = [
  'kind',
  'epoch',
  'step',
  'gradientNorm',
  'microGradientNorm',
  'factor',
  'seconds',
  'waited',
  'tensors',
  'residentMiB',
];
const OUTPUT_GRADIENT = 'outputGradient.';

/** The line of metrics.jsonl for one update. */
export function stepLine(report: StepReport, cost: StepCost): MetricsLine {
  const { epoch, step, loss, parts, gradientNorm, microGradientNorm, outputGradients, factor, waited } =
    report;
  const outputs = Object.entries(outputGradients ?? {}).map(([name, norm]) => [OUTPUT_GRADIENT + name, norm]);
  return {
    kind: 'step',
    epoch,
    step,
    loss,
    ...parts,
    gradientNorm,
    ...(microGradientNorm === undefined ? {} : { microGradientNorm }),
    ...(Object.fromEntries(outputs) as Record<string, number>),
    factor,
    ...cost,
    waited: Math.round(1000 * waited) / 1000,
  };
}

/** The line for an epoch: the means over its steps. */
export function epochLine(metrics: readonly MetricsLine[], epoch: number): MetricsLine {
  const steps = metrics.filter((line) => line.kind === 'step' && line.epoch === epoch);
  const last = steps.at(-1)!;
  const names = Object.keys(last).filter(
    (name) => !NOT_AVERAGED.includes(name) && !name.startsWith(OUTPUT_GRADIENT),
  );
  const means = names.map((name) => [
    name,
    steps.reduce((sum, line) => sum + Number(line[name]), 0) / steps.length,
  ]);
  return { kind: 'epoch', epoch, step: last.step, ...(Object.fromEntries(means) as Record<string, number>) };
}
