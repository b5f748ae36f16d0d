import * as tf from '@tensorflow/tfjs';
import { counted } from '../core/counted';
import { UserError } from '../core/errors';
import { DISTANCE_CODING, type DistanceCoding } from '../grid/coding';
import { type DistanceLayout, distanceLayout } from '../grid/distanceLayout';
import { distanceColumns } from '../grid/distances';
import type { GridTarget } from '../grid/gridTarget';
import { edgesOf, type OverlapKind, overlapOfEdges } from '../grid/overlap';
import { checkChoice, checkNumber, checkOptionNames } from './checkOptions';
import { crossEntropyWithLogits } from './crossEntropy';
import {
  type BatchCounts,
  checkLossArguments,
  type DetectionLoss,
  divisorOf,
  type LossDescription,
  type LossValue,
} from './detectionLoss';
import { type AlignedCells, assignTaskAligned } from './taskAlignedCells';

/** Options of {@link taskAlignedLoss}. */
export interface TaskAlignedLossOptions {
  /** Overlap whose lack is the box loss. Default `ciou`. */
  overlap?: OverlapKind;
  /** Weight of the box loss. Default 3. */
  boxWeight?: number;
}

/**
 * Loss of a detector without objectness (coding by distances). Cells are assigned as in TOOD (arXiv 2108.07755): of
 * those with their centre in an object's box, the ten that find it best answer for it, by `score^.5 IoU^6`, and how
 * well they do is their quality, 0..1. That is held constant in the gradient; both parts are divided by the sum of the
 * quality targets of the batch, or 1 if that is less:
 *
 * - `box`: boxWeight (1 - CIoU), or another overlap, of each cell with an object, times its quality;
 * - `class`: binary cross-entropy of every class in every cell; the target is the quality for the class of the cell's
 *   object, and 0 for all others.
 *
 * Of a micro-batch, whose counts are larger than its target's, they are not divided: it tells its share of that sum.
 *
 * @param options - Each has a default.
 * @throws UserError for options that are unknown or out of range.
 */
export function taskAlignedLoss(options: TaskAlignedLossOptions = {}): DetectionLoss<DistanceCoding> {
  checkOptionNames('taskAlignedLoss', options, ['overlap', 'boxWeight']);
  const { overlap = 'ciou', boxWeight = 3 } = options;
  checkChoice('taskAlignedLoss', 'overlap', overlap, ['iou', 'giou', 'diou', 'ciou']);
  checkNumber('taskAlignedLoss', 'boxWeight', boxWeight, 0);
  const description: LossDescription<DistanceCoding> = {
    name: 'taskAligned',
    coding: DISTANCE_CODING,
    reduction: 'divided by the sum of the quality targets',
    parts: ['box', 'class'],
    accumulable: true,
    readsPredictions: true,
  };
  const loss = (
    predictions: tf.Tensor,
    target: GridTarget,
    counts?: BatchCounts,
    numbers?: Float32Array,
  ): LossValue => {
    checkLossArguments('taskAlignedLoss', predictions, target, counts);
    const layout = layoutOf(predictions, target);
    const values = numbers ?? predictions.dataSync<'float32'>();
    if (values.length !== predictions.size) {
      throw new UserError(
        `taskAlignedLoss: numbers are ${values.length}, expected those of predictions, ${predictions.size}`,
      );
    }
    const aligned = assignTaskAligned(values, layout, target.objects);
    const share = aligned.quality.reduce((sum, quality) => sum + quality, 0);
    const whole = counts === undefined || counts.pictures === target.pictures;
    const norm = whole ? divisorOf(share) : 1;
    return tf.tidy(() => {
      const { box, classes } = alignedSums(predictions as tf.Tensor3D, layout, aligned, overlap);
      const parts = { box: box.mul(boxWeight / norm) as tf.Scalar, class: classes.div(norm) as tf.Scalar };
      const total = parts.box.add(parts.class) as tf.Scalar;
      return { total, parts, ...(whole ? {} : { divisor: share }) };
    });
  };
  return Object.assign(loss, { description: Object.freeze(description) });
}

/** The two sums over a batch for a given assignment; to be called inside a tidy. */
export function alignedSums(
  predictions: tf.Tensor3D,
  layout: DistanceLayout,
  { classIndex, boxes, quality }: AlignedCells,
  overlap: OverlapKind,
): { box: tf.Tensor; classes: tf.Tensor } {
  const { edges, classes } = distanceColumns(predictions, layout);
  const rows = classIndex.length;
  const wanted = new Float32Array(classes.size);
  classIndex.forEach((index, row) => {
    if (index >= 0) wanted[row * classes.shape[1] + index] = quality[row];
  });
  const truth = edgesOf(tf.tensor2d(boxes, [rows, 4]));
  const lack = tf.sub(1, overlapOfEdges(edges, truth, overlap));
  return {
    box: lack.mul(tf.tensor2d(quality, [rows, 1])).sum(),
    classes: crossEntropyWithLogits(classes, tf.tensor2d(wanted, [rows, classes.shape[1]])).sum(),
  };
}

/** @throws UserError if predictions and target don't fit each other. */
function layoutOf(predictions: tf.Tensor, target: GridTarget): DistanceLayout {
  const layout = distanceLayout('taskAlignedLoss', predictions.shape, target.classes);
  if (layout.pictures !== target.pictures) {
    throw new UserError(
      `taskAlignedLoss: target is of ${counted(target.pictures, 'picture')}, expected those of predictions, ${layout.pictures}`,
    );
  }
  return layout;
}
