import type { ExperimentResult } from 'yolov1';
import { counted } from 'yolov1/form';

/** What a run was, in three lines: its scale, its result, then where and when it ran. */
export function describeRun({ record, metrics, evaluation }: ExperimentResult): string {
  const { name, profile, data, weights, backend, started, seconds, key } = record;
  const last = metrics.filter(({ kind }) => kind === 'epoch').at(-1)!;
  const map = (100 * evaluation.final.pooled.map).toFixed(1);
  return [
    `${name} (profile ${profile}): ${counted(Number(last.epoch), 'epoch')} on ${counted(data.train.pictures, 'picture')}`,
    `mAP@.5 ${map} % on ${counted(data.evaluate.pictures, 'other picture')}`,
    `backbone ${weights.source}, ${backend.name} ${backend.version}, ${started.slice(0, 10)}, ${seconds} s, ` +
      `record ${key.slice(0, 8)}`,
  ].join('\n');
}
