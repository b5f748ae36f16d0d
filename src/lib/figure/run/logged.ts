import type { ExperimentResult } from 'yolov1';

/**
 * A value of a training by update or by epoch, such as `loss`, `object` or `gradientNorm`, in order; what did not record it is
 * left out.
 *
 * @param kind - Whether each value is of one update, a step, or the mean of an epoch.
 * @param field - Its name in the run's metrics.
 */
export function logged(
  { metrics }: Pick<ExperimentResult, 'metrics'>,
  kind: 'step' | 'epoch',
  field: string,
): number[] {
  return metrics
    .filter((line) => line.kind === kind && line[field] !== undefined)
    .map((line) => Number(line[field]));
}
