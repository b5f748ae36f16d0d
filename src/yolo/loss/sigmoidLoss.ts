import * as tf from '@tensorflow/tfjs';
import { codingOf, type GridCoding } from '../grid/coding';
import { detached } from '../grid/detached';
import { withNeighbours } from '../grid/neighbourCells';
import type { OverlapKind } from '../grid/overlap';
import { type AssignedCells, assignCells, overlapWithTarget } from './assignedCells';
import { checkChoice, checkNumber, checkOptionNames } from './checkOptions';
import { crossEntropyWithLogits } from './crossEntropy';
import { defineLoss } from './defineLoss';
import type { DetectionLoss } from './detectionLoss';
import { smoothedClasses } from './smoothedClasses';

/** Options of {@link sigmoidLoss}. */
export interface SigmoidLossOptions {
  /**
   * Overlap whose lack is the box loss, or `squared`: the squared errors of the centre in cells and of the roots of
   * width and height, as in YOLOv1. Default `giou`.
   */
  overlap?: OverlapKind | 'squared';
  /** Weight of the box loss. Default 5. */
  boxWeight?: number;
  /** Share of a class's probability that is spread evenly over all classes, 0..1. Default .05. */
  labelSmoothing?: number;
  /**
   * Cells that answer for an object: the one that holds its centre, or its two nearest neighbours as well; then centres
   * are coded as `wideSigmoid`. Default `cell`.
   */
  assignment?: 'cell' | 'neighbours';
}

/**
 * Loss of a head with sigmoid outputs (coding `sigmoid`, or `wideSigmoid` where neighbours answer as well), divided by
 * the number of pictures:
 *
 * - `box`: boxWeight (1 - GIoU), or another overlap, of the responsible predictor of each cell with an object: the one
 *   with the highest IoU;
 * - `object`, `noObject`: binary cross-entropy of the confidence of the responsible and of all other predictors; the
 *   target is the current IoU, held constant in the gradient, or 0;
 * - `class`: cross-entropy of the softmax over classes in the cells with an object, with label smoothing.
 *
 * @param options - Each has a default.
 * @throws UserError for options that are unknown or out of range.
 */
export function sigmoidLoss(options: SigmoidLossOptions = {}): DetectionLoss<GridCoding> {
  checkOptionNames('sigmoidLoss', options, ['overlap', 'boxWeight', 'labelSmoothing', 'assignment']);
  const { overlap = 'giou', boxWeight = 5, labelSmoothing = 0.05, assignment = 'cell' } = options;
  checkChoice('sigmoidLoss', 'overlap', overlap, ['iou', 'giou', 'diou', 'ciou', 'squared']);
  checkNumber('sigmoidLoss', 'boxWeight', boxWeight, 0);
  checkNumber('sigmoidLoss', 'labelSmoothing', labelSmoothing, 0, 1);
  checkChoice('sigmoidLoss', 'assignment', assignment, ['cell', 'neighbours']);
  const neighbours = assignment === 'neighbours';
  const coding = codingOf(neighbours ? 'wideSigmoid' : 'sigmoid');
  return defineLoss(
    { name: 'sigmoid', coding, reduction: 'divided by the number of pictures', accumulable: true },
    ['box', 'object', 'noObject', 'class'],
    (predictions, target, { pictures }) => {
      const wanted = neighbours ? withNeighbours(target) : target;
      const cells = assignCells(predictions, wanted, coding.box, 'rmse');
      const { responsible, outputs, classes } = cells;
      const lack =
        overlap === 'squared' ? squaredErrors(cells) : tf.sub(1, overlapWithTarget(cells, overlap));
      const box = lack.mul(responsible).sum();
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

/** Of the centre in cells, and of the roots of width and height. */
function squaredErrors({ boxes, outputs, target }: AssignedCells): tf.Tensor {
  // The root of a size is the output's sigmoid itself, whose slope is finite where the root's is not.
  return tf.addN([
    boxes.offsetX.sub(target.offsetX).square(),
    boxes.offsetY.sub(target.offsetY).square(),
    outputs.w.sigmoid().sub(target.width.sqrt()).square(),
    outputs.h.sigmoid().sub(target.height.sqrt()).square(),
  ]);
}
