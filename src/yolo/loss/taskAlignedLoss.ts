import * as tf from '@tensorflow/tfjs';
import { checkArguments, tensor } from '../core/arguments';
import { UserError } from '../core/errors';
import { DISTANCE_CODING, type DistanceCoding } from '../grid/coding';
import { type DistanceLayout, distanceLayout } from '../grid/distanceLayout';
import { distanceColumns } from '../grid/distances';
import { type GridTarget, TARGET } from '../grid/gridTarget';
import { edgesOf, type OverlapKind, overlapOfEdges } from '../grid/overlap';
import { checkChoice, checkNumber, checkOptionNames } from './checkOptions';
import { crossEntropyWithLogits } from './crossEntropy';
import type { DetectionLoss, LossDescription } from './detectionLoss';
import { type AlignedCells, assignTaskAligned } from './taskAlignedCells';

/** Options of {@link taskAlignedLoss}. */
export interface TaskAlignedLossOptions {
  /** Overlap whose lack is the box loss. Default `ciou`. */
  overlap?: OverlapKind;
  /** Weight of the box loss. Default 3. */
  boxWeight?: number;
}

/**
 * Loss of a detector without objectness (coding by distances). Cells are assigned by {@link assignTaskAligned}, which is
 * held constant in the gradient; both parts are divided by the sum of the quality targets of the batch, or 1 if that is
 * less:
 *
 * - `box`: weight (1 - CIoU) of each cell with an object, times its quality;
 * - `class`: binary cross-entropy of every class in every cell; the target is the quality for the class of the cell's
 *   object, and 0 for all others.
 *
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
    accumulable: false,
    notAccumulable:
      'it is divided by the sum of quality targets, which the predictions of the whole batch decide',
    readsPredictions: true,
  };
  const loss = (predictions: tf.Tensor, target: GridTarget) => {
    const layout = layoutOf(predictions, target);
    const aligned = assignTaskAligned(predictions.dataSync<'float32'>(), layout, target.objects);
    return tf.tidy(() => {
      const { box, classes } = alignedSums(predictions as tf.Tensor3D, layout, aligned, overlap);
      const norm = Math.max(
        1,
        aligned.quality.reduce((sum, quality) => sum + quality, 0),
      );
      const parts = { box: box.mul(boxWeight / norm) as tf.Scalar, class: classes.div(norm) as tf.Scalar };
      return { total: parts.box.add(parts.class) as tf.Scalar, parts };
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

const ARGUMENTS = { predictions: tensor('a tensor of predictions'), target: TARGET };

/** @throws UserError if predictions and target don't fit each other. */
function layoutOf(predictions: tf.Tensor, target: GridTarget): DistanceLayout {
  checkArguments('taskAlignedLoss', { predictions, target }, ARGUMENTS);
  if (predictions.dtype !== 'float32') {
    throw new UserError(`taskAlignedLoss: predictions is ${predictions.dtype}, expected float32`);
  }
  const layout = distanceLayout('taskAlignedLoss', predictions.shape, target.classes);
  if (layout.pictures !== target.pictures) {
    throw new UserError(
      `taskAlignedLoss: target is of ${target.pictures} pictures, expected those of predictions, ${layout.pictures}`,
    );
  }
  return layout;
}
