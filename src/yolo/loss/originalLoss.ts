import { checkArguments, record } from '../core/arguments';
import type { GridCoding } from '../grid/coding';
import type { DetectionLoss } from './detectionLoss';
import { type YoloLossOptions, yoloLoss } from './yoloLoss';

/**
 * The loss that the code behind the original computed, which is not the one that its page states: lambdaCoord .5 (the
 * page says 5), centres relative to the whole picture, signed roots of linear widths and heights, the IoU as confidence
 * target with the gradient flowing through it, no-object loss in empty cells only, sums over the batch that are not
 * divided by it.
 *
 * @param changes - Options to set otherwise, such as the confidence loss of its focal experiment
 * (`{ confidenceLoss: { kind: 'focalProduct' } }`).
 * @throws UserError for options that are unknown, out of range or contradict each other.
 */
export function originalLoss(changes: YoloLossOptions = {}): DetectionLoss<GridCoding> {
  checkArguments('originalLoss', { changes }, { changes: record('an object of options') });
  return yoloLoss({
    box: 'picture',
    lambdaCoord: 0.5,
    lambdaNoobj: 0.5,
    withoutOverlap: 'first',
    confidenceTarget: 'iou',
    iouTargetGradient: true,
    noObject: 'emptyCells',
    reduction: 'sum',
    ...changes,
  });
}
