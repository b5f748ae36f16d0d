import * as tf from '@tensorflow/tfjs';
import { codingOf, type GridCoding } from '../grid/coding';
import { detached } from '../grid/detached';
import type { OverlapKind } from '../grid/overlap';
import { assignCells, overlapWithTarget } from './assignedCells';
import { checkChoice, checkNumber, checkOptionNames } from './checkOptions';
import { crossEntropyWithLogits } from './crossEntropy';
import { defineLoss } from './defineLoss';
import type { DetectionLoss } from './detectionLoss';
import { smoothedClasses } from './smoothedClasses';

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
 * @throws {@link UserError} for options that are unknown or out of range.
 */
export function sigmoidLoss(options: SigmoidLossOptions = {}): DetectionLoss<GridCoding> {
  const { overlap = 'giou', boxWeight = 5, labelSmoothing = 0.05 } = options;
  checkOptionNames('sigmoidLoss', options, ['overlap', 'boxWeight', 'labelSmoothing']);
  checkChoice('sigmoidLoss', 'overlap', overlap, ['giou', 'diou', 'ciou']);
  checkNumber('sigmoidLoss', 'boxWeight', boxWeight, 0);
  checkNumber('sigmoidLoss', 'labelSmoothing', labelSmoothing, 0, 1);
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
      const smoothed = smoothedClasses(classes, labelSmoothing);
      return {
        box: box.mul(boxWeight / pictures),
        object: confidence.mul(responsible).sum().div(pictures),
        noObject: confidence.mul(tf.sub(1, responsible)).sum().div(pictures),
        class: tf.logSoftmax(outputs.classes).mul(smoothed).sum().div(-pictures),
      };
    },
  );
}
