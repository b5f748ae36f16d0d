import * as tf from '@tensorflow/tfjs';
import { detached } from '../box/detached';
import type { OverlapKind } from '../box/overlap';
import { codingOf } from '../target/coding';
import { assignCells, overlapWithTarget } from './assignedCells';
import { crossEntropyWithLogits } from './crossEntropy';
import { defineLoss } from './defineLoss';
import type { DetectionLoss } from './detectionLoss';

/** Options of {@link sigmoidLoss}. */
export interface SigmoidLossOptions {
  /** Overlap whose lack is the box loss. Default `giou`. */
  overlap?: Exclude<OverlapKind, 'iou'>;
  /** Weight of the box loss. Default 5. */
  boxWeight?: number;
  /** Share of a class's probability that is spread evenly over all classes, 0..1. Default .05. */
  labelSmoothing?: number;
}

/**
 * Loss of a head with sigmoid outputs (coding `sigmoid`), divided by the number of pictures:
 *
 * - `box`: weight (1 - GIoU) of each object's responsible predictor;
 * - `object`, `noObject`: binary cross-entropy of the confidence of the responsible and of all other predictors; the
 *   target is the current IoU, held constant in the gradient, or 0;
 * - `class`: cross-entropy of the softmax over classes in the cells with an object, with label smoothing.
 *
 * @throws Error for a weight or a label smoothing out of range.
 */
export function sigmoidLoss(options: SigmoidLossOptions = {}): DetectionLoss {
  const { overlap = 'giou', boxWeight = 5, labelSmoothing = 0.05 } = options;
  if (!(boxWeight >= 0)) throw new Error(`sigmoidLoss: boxWeight is ${boxWeight}, expected 0 or more`);
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new Error(`sigmoidLoss: labelSmoothing is ${labelSmoothing}, expected 0 to 1`);
  }
  const coding = codingOf('sigmoid');
  return defineLoss(
    { name: 'sigmoid', coding, reduction: 'divided by the number of pictures', accumulable: true },
    ['box', 'object', 'noObject', 'class'],
    (predictions, target, { pictures }) => {
      const cells = assignCells(predictions, target, coding.box, 'rmse');
      const { responsible, outputs, classes } = cells;
      const box = tf.sub(1, overlapWithTarget(cells, overlap)).mul(responsible).sum();
      const iou = detached(() => overlapWithTarget(cells, 'iou').mul(responsible));
      const confidence = crossEntropyWithLogits(outputs.confidence, iou);
      const smoothed = classes
        .mul(1 - labelSmoothing)
        .add(classes.sum(1, true).mul(labelSmoothing / target.classes));
      return {
        box: box.mul(boxWeight / pictures),
        object: confidence.mul(responsible).sum().div(pictures),
        noObject: confidence.mul(tf.sub(1, responsible)).sum().div(pictures),
        class: tf.logSoftmax(outputs.classes).mul(smoothed).sum().div(-pictures),
      };
    },
  );
}
