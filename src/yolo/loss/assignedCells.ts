import * as tf from '@tensorflow/tfjs';
import { counted } from '../core/counted';
import { UserError } from '../core/errors';
import { BOX_CODINGS, type BoxCodingName } from '../grid/coding';
import { detached } from '../grid/detached';
import type { GridTarget } from '../grid/gridTarget';
import { type PredictionLayout, predictionLayout } from '../grid/layout';
import { type EdgeTensors, type OverlapKind, overlapOfEdges } from '../grid/overlap';
import {
  type DecodedColumns,
  decodeColumns,
  type PredictorColumns,
  predictorColumns,
} from '../grid/predictorColumns';

/**
 * Which predictor of an object's cell answers for it: the one with the highest IoU. If none overlaps the object:
 * `rmse`: the one whose centre, width and height are nearest (the C code of YOLOv1); `first`: the first.
 */
export type WithoutOverlap = 'rmse' | 'first';

/** The target of each predictor, columns of shape [N * S * S * B, 1]; empty cells have the whole picture as box. */
export interface TargetColumns {
  /** 1 for predictors of cells with an object. */
  inObjectCell: tf.Tensor2D;
  /** Centre in the unit of the coding. */
  offsetX: tf.Tensor2D;
  offsetY: tf.Tensor2D;
  width: tf.Tensor2D;
  height: tf.Tensor2D;
  /** Normalised. */
  edges: EdgeTensors;
}

/** Predictions beside their target. */
export interface AssignedCells {
  layout: PredictionLayout;
  outputs: PredictorColumns;
  boxes: DecodedColumns;
  target: TargetColumns;
  /** 1 for the responsible predictor of each object, shape [N * S * S * B, 1]. */
  responsible: tf.Tensor;
  /** One-hot classes of the cells, zeros in empty cells, shape [N * S * S, C]. */
  classes: tf.Tensor2D;
}

/** Reads predictions, and assigns each object to a predictor of its cell; to be called inside a tidy. */
export function assignCells(
  predictions: tf.Tensor4D,
  target: GridTarget,
  coding: BoxCodingName,
  withoutOverlap: WithoutOverlap,
): AssignedCells {
  const layout = predictionLayout('loss', predictions.shape, target.classes);
  const outputs = predictorColumns(predictions, layout);
  const boxes = decodeColumns(outputs, coding, layout);
  const columns = targetColumns(target, layout.predictors, coding);
  const responsible =
    layout.predictors === 1
      ? columns.inObjectCell
      : detached(() => responsiblePredictors(boxes, columns, layout.predictors, withoutOverlap));
  return { layout, outputs, boxes, target: columns, responsible, classes: classTable(target) };
}

/** Overlap of every predictor's box with the object of its cell, shape [N * S * S * B, 1]. */
export function overlapWithTarget({ boxes, target }: AssignedCells, kind: OverlapKind): tf.Tensor {
  return overlapOfEdges(boxes.edges, target.edges, kind);
}

/** @throws UserError if predictions and target don't fit each other. */
export function checkGrids(name: string, predictions: tf.Tensor, target: GridTarget): void {
  const { pictures, gridSize } = predictionLayout(name, predictions.shape, target.classes);
  if (pictures !== target.pictures || gridSize !== target.gridSize) {
    throw new UserError(
      `${name}: target is of ${counted(target.pictures, 'picture')} and grid size ${target.gridSize}, ` +
        `expected those of predictions, ${pictures} and ${gridSize}`,
    );
  }
}

function responsiblePredictors(
  { edges, width, height }: DecodedColumns,
  target: TargetColumns,
  predictors: number,
  withoutOverlap: WithoutOverlap,
): tf.Tensor {
  let rank = overlapOfEdges(edges, target.edges, 'iou');
  if (withoutOverlap === 'rmse') {
    const squares = tf.addN([
      distanceOfCentres(edges.left, edges.right, target.edges.left, target.edges.right).square(),
      distanceOfCentres(edges.top, edges.bottom, target.edges.top, target.edges.bottom).square(),
      width.sub(target.width).square(),
      height.sub(target.height).square(),
    ]);
    // Any overlap beats none, so the errors of boxes without one rank below zero.
    rank = tf.where(rank.greater(0), rank, squares.neg());
  }
  const best = rank.reshape([-1, predictors]).argMax(1) as tf.Tensor1D;
  // The wasm kernel writes whole numbers whatever type it is asked for: cast afterwards.
  return tf.oneHot(best, predictors).cast('float32').reshape([-1, 1]).mul(target.inObjectCell);
}

function distanceOfCentres(
  from: tf.Tensor,
  to: tf.Tensor,
  otherFrom: tf.Tensor,
  otherTo: tf.Tensor,
): tf.Tensor {
  return from.add(to).sub(otherFrom).sub(otherTo).div(2);
}

function targetColumns(target: GridTarget, predictors: number, coding: BoxCodingName): TargetColumns {
  const { gridSize, classIndex, boxes } = target;
  const rows = classIndex.length * predictors;
  const column = () => new Float32Array(rows);
  const [inObjectCell, offsetX, offsetY, width, height] = Array.from({ length: 5 }, column);
  const [left, top, right, bottom] = Array.from({ length: 4 }, column);
  const inCells = BOX_CODINGS[coding].unit === 'cell';
  for (let row = 0; row < rows; row++) {
    const cell = Math.floor(row / predictors);
    if (classIndex[cell] < 0) {
      // Any proper box keeps values and gradients finite; the mask takes them out.
      right[row] = bottom[row] = width[row] = height[row] = 1;
      continue;
    }
    inObjectCell[row] = 1;
    left[row] = boxes[4 * cell];
    top[row] = boxes[4 * cell + 1];
    right[row] = boxes[4 * cell + 2];
    bottom[row] = boxes[4 * cell + 3];
    width[row] = boxes[4 * cell + 2] - boxes[4 * cell];
    height[row] = boxes[4 * cell + 3] - boxes[4 * cell + 1];
    const x = (boxes[4 * cell] + boxes[4 * cell + 2]) / 2;
    const y = (boxes[4 * cell + 1] + boxes[4 * cell + 3]) / 2;
    offsetX[row] = inCells ? x * gridSize - (cell % gridSize) : x;
    offsetY[row] = inCells ? y * gridSize - (Math.floor(cell / gridSize) % gridSize) : y;
  }
  const tensor = (values: Float32Array) => tf.tensor2d(values, [rows, 1]);
  return {
    inObjectCell: tensor(inObjectCell),
    offsetX: tensor(offsetX),
    offsetY: tensor(offsetY),
    width: tensor(width),
    height: tensor(height),
    edges: { left: tensor(left), top: tensor(top), right: tensor(right), bottom: tensor(bottom) },
  };
}

function classTable({ classIndex, classes }: GridTarget): tf.Tensor2D {
  const values = new Float32Array(classIndex.length * classes);
  for (let cell = 0; cell < classIndex.length; cell++) {
    if (classIndex[cell] >= 0) values[cell * classes + classIndex[cell]] = 1;
  }
  return tf.tensor2d(values, [classIndex.length, classes]);
}
