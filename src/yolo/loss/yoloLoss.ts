import * as tf from '@tensorflow/tfjs';
import { checkArguments, record } from '../core/arguments';
import { BOX_CODINGS, type BoxCodingName, type GridCoding } from '../grid/coding';
import { detached } from '../grid/detached';
import type { GridTarget } from '../grid/gridTarget';
import { type AssignedCells, assignCells, overlapWithTarget, type WithoutOverlap } from './assignedCells';
import { checkChoice, checkNumber, checkOptionNames } from './checkOptions';
import { type ConfidenceLoss, checkConfidenceLoss, confidenceSums } from './confidenceLoss';
import { defineLoss } from './defineLoss';
import type { BatchCounts, DetectionLoss } from './detectionLoss';
import { smoothedClasses } from './smoothedClasses';

/** Options of {@link yoloLoss}: every point that YOLOv1's paper leaves open or that its followers decide otherwise. */
export interface YoloLossOptions {
  /**
   * How outputs stand for boxes. Default `sqrt`, the paper's text ("we predict the square root of the bounding box
   * width and height") and its C code.
   */
  box?: BoxCodingName;
  /** `linear` as in the paper, or through a sigmoid gate. Default `linear`; `sigmoid` for `focalCrossEntropy`. */
  confidence?: 'linear' | 'sigmoid';
  /** Weight of centre and size. Default 5. */
  lambdaCoord?: number;
  /** Weight of the no-object part. Default .5. */
  lambdaNoobj?: number;
  /** How confidences are compared with their targets. Default `{ kind: 'squared' }`. */
  confidenceLoss?: ConfidenceLoss;
  /** Who is responsible where no predictor overlaps the object. Default `rmse`, as the C code; the paper is silent. */
  withoutOverlap?: WithoutOverlap;
  /**
   * Confidence target of the responsible predictor: its IoU (the paper), or 1. Default `iou`; `one` for
   * `focalCrossEntropy`.
   */
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
   * `linear` and `picture` only. At least 1e-12. Default 1e-6.
   */
  rootEpsilon?: number;
  /** Share of a class's probability that is spread evenly over all classes, 0..1. Default 0, as the paper. */
  labelSmoothing?: number;
  /**
   * `mean`: divided by the number of pictures, as the C code's learning rate is; `sum`: not divided. Default `mean`:
   * the paper's equation is that of one picture.
   */
  reduction?: 'mean' | 'sum';
}

/**
 * The sum of squared errors of YOLOv1 (1506.02640, equation 3), divided by the number of pictures, by parts:
 *
 * - `centre`: lambdaCoord ((x - x')^2 + (y - y')^2) of responsible predictors, in the unit of the coding;
 * - `size`: lambdaCoord ((sqrt w - sqrt w')^2 + (sqrt h - sqrt h')^2) of responsible predictors;
 * - `object`: (C - C')^2 of responsible predictors;
 * - `noObject`: lambdaNoobj C^2 of the others;
 * - `class`: sum over classes of (p(c) - p'(c))^2 in cells with an object; p' with label smoothing where that is asked
 *   for.
 *
 * @param options - Each has a default, the paper's where it says one.
 * @throws UserError for options that are unknown, out of range or contradict each other.
 */
export function yoloLoss(options: YoloLossOptions = {}): DetectionLoss<GridCoding> {
  const chosen = resolve(options);
  const { confidenceLoss, reduction } = chosen;
  const product = confidenceLoss.kind === 'focalProduct';
  const sums = reduction === 'mean' ? 'divided by the number of pictures' : 'sum over pictures';
  return defineLoss(
    {
      name: 'yolo',
      coding: { box: chosen.box, confidence: chosen.confidence, classes: 'linear' },
      reduction:
        confidenceLoss.kind === 'focalCrossEntropy'
          ? `${sums}; object and noObject divided by the number of objects`
          : sums,
      accumulable: !product,
      notAccumulable: product
        ? 'its noObject part is a product of two sums over the batch: products of the micro-batches do not add up to it'
        : undefined,
    },
    ['centre', 'size', 'object', 'noObject', 'class'],
    (predictions, target, counts) => yoloParts(predictions, target, counts, chosen),
  );
}

function yoloParts(
  predictions: tf.Tensor4D,
  target: GridTarget,
  counts: BatchCounts,
  chosen: Required<YoloLossOptions>,
) {
  const cells = assignCells(predictions, target, chosen.box, chosen.withoutOverlap);
  const { inObjectCell } = cells.target;
  const { responsible, outputs, boxes, classes, layout } = cells;
  const scale = chosen.reduction === 'mean' ? 1 / counts.pictures : 1;
  const squared = (a: tf.Tensor, b: tf.Tensor) => a.sub(b).square().mul(responsible).sum();

  const { root } = BOX_CODINGS[chosen.box];
  const linear = chosen.box === 'linear' || chosen.box === 'picture';
  // Of a linear coding the target goes through the same root, so that equal boxes have no error.
  const targetRoot = (size: tf.Tensor) => (linear ? root(size, chosen.rootEpsilon) : size.sqrt());
  const sizeError = (output: tf.Tensor, size: tf.Tensor) =>
    squared(root(output, chosen.rootEpsilon), targetRoot(size));

  const { object, noObject } = confidenceSums(chosen.confidenceLoss, {
    logits: outputs.confidence,
    confidence: chosen.confidence === 'sigmoid' ? outputs.confidence.sigmoid() : outputs.confidence,
    wanted: confidenceTarget(cells, chosen),
    responsible,
    noObject: tf.sub(1, chosen.noObject === 'notResponsible' ? responsible : inObjectCell),
    inObjectCell,
    predictors: layout.predictors,
  });
  const cross = chosen.confidenceLoss.kind === 'focalCrossEntropy';
  const perObject = 1 / Math.max(1, counts.objects);
  const wanted = smoothedClasses(classes, chosen.labelSmoothing);
  return {
    centre: squared(boxes.offsetX, cells.target.offsetX)
      .add(squared(boxes.offsetY, cells.target.offsetY))
      .mul(chosen.lambdaCoord * scale),
    size: sizeError(outputs.w, cells.target.width)
      .add(sizeError(outputs.h, cells.target.height))
      .mul(chosen.lambdaCoord * scale),
    object: object.mul(cross ? perObject : scale),
    noObject: noObject.mul(cross ? perObject : chosen.lambdaNoobj * scale),
    class: outputs.classes.sub(wanted).square().mul(classes.sum(1, true)).sum().mul(scale),
  };
}

function confidenceTarget(
  cells: AssignedCells,
  { confidenceTarget, iouTargetGradient }: Required<YoloLossOptions>,
): tf.Tensor {
  if (confidenceTarget === 'one') return tf.onesLike(cells.responsible);
  const iou = () => overlapWithTarget(cells, 'iou');
  return iouTargetGradient ? iou() : detached(iou);
}

function resolve(options: YoloLossOptions): Required<YoloLossOptions> {
  checkArguments('yoloLoss', { options }, { options: record('an object of options') });
  const confidenceLoss = options.confidenceLoss ?? { kind: 'squared' };
  checkConfidenceLoss('yoloLoss', confidenceLoss);
  const cross = confidenceLoss.kind === 'focalCrossEntropy';
  const chosen: Required<YoloLossOptions> = {
    box: options.box ?? 'sqrt',
    confidence: options.confidence ?? (cross ? 'sigmoid' : 'linear'),
    lambdaCoord: options.lambdaCoord ?? 5,
    lambdaNoobj: options.lambdaNoobj ?? 0.5,
    confidenceLoss,
    withoutOverlap: options.withoutOverlap ?? 'rmse',
    confidenceTarget: options.confidenceTarget ?? (cross ? 'one' : 'iou'),
    iouTargetGradient: options.iouTargetGradient ?? false,
    noObject: options.noObject ?? 'notResponsible',
    rootEpsilon: options.rootEpsilon ?? 1e-6,
    labelSmoothing: options.labelSmoothing ?? 0,
    reduction: options.reduction ?? 'mean',
  };
  checkOptionNames('yoloLoss', options, Object.keys(chosen));
  checkChoice('yoloLoss', 'box', chosen.box, Object.keys(BOX_CODINGS));
  // A cross-entropy needs a probability, and Lin et al. give it no target between 0 and 1.
  checkChoice('yoloLoss', 'confidence', chosen.confidence, cross ? ['sigmoid'] : ['linear', 'sigmoid']);
  checkChoice('yoloLoss', 'confidenceTarget', chosen.confidenceTarget, cross ? ['one'] : ['iou', 'one']);
  checkChoice('yoloLoss', 'withoutOverlap', chosen.withoutOverlap, ['rmse', 'first']);
  checkChoice('yoloLoss', 'iouTargetGradient', chosen.iouTargetGradient, [true, false]);
  checkChoice('yoloLoss', 'noObject', chosen.noObject, ['notResponsible', 'emptyCells']);
  checkChoice('yoloLoss', 'reduction', chosen.reduction, ['mean', 'sum']);
  checkNumber('yoloLoss', 'lambdaCoord', chosen.lambdaCoord, 0);
  checkNumber('yoloLoss', 'lambdaNoobj', chosen.lambdaNoobj, 0);
  // Smaller ones let float32 slopes overflow.
  checkNumber('yoloLoss', 'rootEpsilon', chosen.rootEpsilon, 1e-12);
  checkNumber('yoloLoss', 'labelSmoothing', chosen.labelSmoothing, 0, 1);
  return chosen;
}
