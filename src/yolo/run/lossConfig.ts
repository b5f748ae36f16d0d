import type { DetectionLoss } from '../loss/detectionLoss';
import { originalLoss } from '../loss/originalLoss';
import { type SigmoidLossOptions, sigmoidLoss } from '../loss/sigmoidLoss';
import { type YoloLossOptions, yoloLoss } from '../loss/yoloLoss';

/** A loss by name with its options, as plain data that a run stores. */
export type LossConfig =
  | ({ kind: 'yolo' | 'writeUp' } & YoloLossOptions)
  | ({ kind: 'sigmoid' } & SigmoidLossOptions);

/** The loss that a configuration names. @throws UserError for an unknown option. */
export function makeLoss(config: LossConfig): DetectionLoss {
  if (config.kind === 'sigmoid') {
    const { kind: _, ...options } = config;
    return sigmoidLoss(options);
  }
  const { kind, ...options } = config;
  return kind === 'yolo' ? yoloLoss(options) : originalLoss(options);
}
