import type * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { checkArguments, listOf } from '../core/arguments';
import type { PredictionCoding } from '../grid/coding';
import type { GridTarget } from '../grid/gridTarget';

/** A loss and what it is made of. */
export interface LossValue {
  /** What is minimised. */
  total: tf.Scalar;
  /** Named shares of the total, weighted: they add up to it. */
  parts: Readonly<Record<string, tf.Scalar>>;
}

/** Counts of an effective batch that losses are divided by. */
export interface BatchCounts {
  /** Pictures. */
  pictures: number;
  /** Cells that have an object; as many predictors are responsible. */
  objects: number;
}

/** What is known of a loss before it is computed. */
export interface LossDescription<Coding extends PredictionCoding = PredictionCoding> {
  name: string;
  /** How the outputs have to be read, in training and in detection. */
  coding: Coding;
  /** What the sum over pictures is divided by, in words. */
  reduction: string;
  /** Names of the parts. */
  parts: readonly string[];
  /**
   * Whether the losses of micro-batches add up to the loss of the effective batch, when each is given the counts of the
   * effective batch.
   */
  accumulable: boolean;
  /** Why not, if not. */
  notAccumulable?: string;
  /** True if it reads the predictions' values while it computes, which a backend must be able to do at once. */
  readsPredictions?: true;
}

/**
 * A loss of a detector's predictions, differentiable with respect to them.
 *
 * For gradient accumulation give each micro-batch the counts of the effective batch: then the losses, and their
 * gradients, add up to those of the effective batch.
 */
export interface DetectionLoss<Coding extends PredictionCoding = PredictionCoding> {
  /**
   * @param predictions - `[N, S, S, 5B + C]`, or `[N, P, 4 + C]` of a loss whose coding is by distances; float32.
   * @param target - Of the same N pictures and C classes; of grid size S, which a coding by distances doesn't mind.
   * @param counts - Of the effective batch. Default: those of `target`.
   * @returns Scalars; the caller disposes them.
   * @throws UserError if predictions and target don't fit each other, or the counts are smaller than the target's.
   */
  (predictions: tf.Tensor3D | tf.Tensor4D, target: GridTarget, counts?: BatchCounts): LossValue;
  readonly description: LossDescription<Coding>;
}

export const LOSS = v.custom(
  (value) => typeof value === 'function' && 'description' in value,
  'a loss, such as yoloLoss()',
);
const TARGETS = listOf('targets of a grid', (target) => {
  const { pictures, objectCount } = Object(target);
  return Number.isInteger(pictures) && Number.isInteger(objectCount);
});

/**
 * Counts of the effective batch that targets of micro-batches make up.
 *
 * @throws UserError for anything but targets.
 */
export function countsOf(...targets: GridTarget[]): BatchCounts {
  checkArguments('countsOf', { targets }, { targets: TARGETS });
  return {
    pictures: targets.reduce((sum, { pictures }) => sum + pictures, 0),
    objects: targets.reduce((sum, { objectCount }) => sum + objectCount, 0),
  };
}
