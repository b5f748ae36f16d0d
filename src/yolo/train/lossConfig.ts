import type { DetectionLoss } from '../loss/detectionLoss';
import { type SigmoidLossOptions, sigmoidLoss } from '../loss/sigmoidLoss';
import { type YoloLossOptions, yoloLoss } from '../loss/yoloLoss';

/** A loss by name with its options, as plain data that a run stores. */
export type LossConfig = ({ kind: 'yolo' } & YoloLossOptions) | ({ kind: 'sigmoid' } & SigmoidLossOptions);

/** The loss that a configuration names. */
export function makeLoss(config: LossConfig): DetectionLoss {
  switch (config.kind) {
    case 'yolo':
      return yoloLoss(config);
    case 'sigmoid':
      return sigmoidLoss(config);
  }
}
