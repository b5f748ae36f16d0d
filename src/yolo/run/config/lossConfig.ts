import { checkArguments, record } from '../../core/arguments';
import { oneOf } from '../../core/form';
import type { GridCoding } from '../../grid/coding';
import type { DetectionLoss } from '../../loss/detectionLoss';
import { originalLoss } from '../../loss/originalLoss';
import { type SigmoidLossOptions, sigmoidLoss } from '../../loss/sigmoidLoss';
import { type TaskAlignedLossOptions, taskAlignedLoss } from '../../loss/taskAlignedLoss';
import { type YoloLossOptions, yoloLoss } from '../../loss/yoloLoss';

/**
 * A loss by name with its options, as plain data that a run stores. The kind `yolo` stands for `yoloLoss`, `writeUp`
 * for `originalLoss`, `sigmoid` for `sigmoidLoss`, and `taskAligned`, of detectors without objectness, for
 * `taskAlignedLoss`.
 */
export type LossConfig = GridLossConfig | ({ kind: 'taskAligned' } & TaskAlignedLossOptions);

/** Losses of detectors with objectness. */
export type GridLossConfig =
  | ({ kind: 'yolo' | 'writeUp' } & YoloLossOptions)
  | ({ kind: 'sigmoid' } & SigmoidLossOptions);

const LOSS = record('a loss by name', { kind: oneOf(['yolo', 'writeUp', 'sigmoid', 'taskAligned']) });

/**
 * The loss that a configuration names.
 *
 * @param config - Its kind, and options besides, such as `{ kind: 'yolo', lambdaCoord: 1 }`.
 * @throws UserError for an unknown kind or option, or one out of range.
 */
export function makeLoss(config: GridLossConfig): DetectionLoss<GridCoding>;
export function makeLoss(config: LossConfig): DetectionLoss;
export function makeLoss(config: LossConfig): DetectionLoss {
  checkArguments('makeLoss', { config }, { config: LOSS });
  if (config.kind === 'sigmoid') {
    const { kind: _, ...options } = config;
    return sigmoidLoss(options);
  }
  if (config.kind === 'taskAligned') {
    const { kind: _, ...options } = config;
    return taskAlignedLoss(options);
  }
  const { kind, ...options } = config;
  return kind === 'yolo' ? yoloLoss(options) : originalLoss(options);
}
