import * as tf from '@tensorflow/tfjs';
import { detached } from '../box/detached';
import { BOX_CODINGS, type BoxCodingName, type PredictionCoding } from '../target/coding';
import { assignCells, overlapWithTarget, type WithoutOverlap } from './assignedCells';
import { defineLoss } from './defineLoss';
import type { DetectionLoss } from './detectionLoss';

/** Options of {@link yoloLoss}: every point that YOLOv1's paper leaves open or that its followers decide otherwise. */
export interface YoloLossOptions {
  /**
   * How outputs stand for boxes. Default `sqrt`, the paper's text ("we predict the square root of the bounding box width
   * and height") and its C code.
   */
  box?: BoxCodingName;
  /** `linear` as in the paper, or through a sigmoid gate. Default `linear`. */
  confidence?: 'linear' | 'sigmoid';
  /** Weight of centre and size. Default 5. */
  lambdaCoord?: number;
  /** Weight of the no-object part. Default .5. */
  lambdaNoobj?: number;
  /** Who is responsible where no predictor overlaps the object. Default `rmse`, as the C code; the paper is silent. */
  withoutOverlap?: WithoutOverlap;
  /** Confidence target of the responsible predictor: its IoU (the paper), or 1. Default `iou`. */
  confidenceTarget?: 'iou' | 'one';
  /** Whether the gradient flows through the IoU target into the box. Default false. */
  iouTargetGradient?: boolean;
  /**
   * Predictors that the no-object part covers. `notResponsible`: all but the responsible ones, as the paper and its C
   * code; `emptyCells`: those of cells without an object. Default `notResponsible`.
   */
  noObject?: 'notResponsible' | 'emptyCells';
  /**
   * Epsilon of the signed root `w / sqrt(|w| + epsilon)`, which bounds its slope at 0 by `1 / sqrt(epsilon)`; codings
   * `linear` and `picture` only. Default 1e-6.
   */
  rootEpsilon?: number;
  /**
   * `mean`: divided by the number of pictures, as the C code's learning rate is; `sum`: not divided. Default `mean`: the
   * paper's equation is that of one picture.
   */
  reduction?: 'mean' | 'sum';
}

/**
 * The sum of squared errors of YOLOv1 (1506.02640, equation 3), by parts:
 *
 * - `centre`: lambdaCoord ((x - x')^2 + (y - y')^2) of responsible predictors, in the unit of the coding;
 * - `size`: lambdaCoord ((sqrt w - sqrt w')^2 + (sqrt h - sqrt h')^2) of responsible predictors;
 * - `object`: (C - C')^2 of responsible predictors;
 * - `noObject`: lambdaNoobj C^2 of the others;
 * - `class`: sum over classes of (p(c) - p'(c))^2 in cells with an object.
 *
 * @throws Error for weights below 0, an epsilon not above 0 or an unknown coding.
 */
export function yoloLoss(options: YoloLossOptions = {}): DetectionLoss {
  const {
    box = 'sqrt',
    confidence = 'linear',
    lambdaCoord = 5,
    lambdaNoobj = 0.5,
    withoutOverlap = 'rmse',
    confidenceTarget = 'iou',
    iouTargetGradient = false,
    noObject = 'notResponsible',
    rootEpsilon = 1e-6,
    reduction = 'mean',
  } = options;
  const coding: PredictionCoding = { box, confidence, classes: 'linear' };
  return defineLoss(
    {
      name: 'yolo',
      coding,
      reduction: reduction === 'mean' ? 'divided by the number of pictures' : 'sum over pictures',
      accumulable: true,
    },
    ['centre', 'size', 'object', 'noObject', 'class'],
    (predictions, target, { pictures }) => {
      const cells = assignCells(predictions, target, box, withoutOverlap);
      const { responsible, outputs, boxes, classes } = cells;
      const scale = reduction === 'mean' ? 1 / pictures : 1;
      const squared = (a: tf.Tensor, b: tf.Tensor) => a.sub(b).square().mul(responsible).sum();
      const root = (output: tf.Tensor) => BOX_CODINGS[box].root(output, rootEpsilon);
      // Of the coding's own root, so that equal boxes have no error.
      const targetRoot = (size: tf.Tensor) =>
        box === 'linear' || box === 'picture' ? root(size) : size.sqrt();
      const score = confidence === 'sigmoid' ? outputs.confidence.sigmoid() : outputs.confidence;
      const iou = () => overlapWithTarget(cells, 'iou');
      const wanted =
        confidenceTarget === 'one' ? tf.onesLike(score) : iouTargetGradient ? iou() : detached(iou);
      const silent = noObject === 'notResponsible' ? responsible : cells.target.inObjectCell;
      const inObjectCell = classes.sum(1, true);
      return {
        centre: squared(boxes.offsetX, cells.target.offsetX)
          .add(squared(boxes.offsetY, cells.target.offsetY))
          .mul(lambdaCoord * scale),
        size: squared(root(outputs.w), targetRoot(cells.target.width))
          .add(squared(root(outputs.h), targetRoot(cells.target.height)))
          .mul(lambdaCoord * scale),
        object: squared(score, wanted).mul(scale),
        noObject: score
          .square()
          .mul(tf.sub(1, silent))
          .sum()
          .mul(lambdaNoobj * scale),
        class: outputs.classes.sub(classes).square().mul(inObjectCell).sum().mul(scale),
      };
    },
  );
}
