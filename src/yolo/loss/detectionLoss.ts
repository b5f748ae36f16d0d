import type * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { checkArguments, listOf, record, tensor } from '../core/arguments';
import { counted } from '../core/counted';
import { UserError } from '../core/errors';
import { wholeFrom } from '../core/form';
import type { PredictionCoding } from '../grid/coding';
import { type GridTarget, TARGET } from '../grid/gridTarget';

/** A loss and what it is made of. */
export interface LossValue {
  /** What is minimised. */
  total: tf.Scalar;
  /** Named shares of the total, weighted: they add up to it. */
  parts: Readonly<Record<string, tf.Scalar>>;
  /**
   * Only of a micro-batch, where predictions decide what the effective batch is divided by: total and parts are not
   * divided yet, and this is what the micro-batch adds to the divisor. The losses of all micro-batches, added up, are
   * to be divided by the sum of theirs, or by 1 if that is less.
   */
  divisor?: number;
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
  /** Name of the loss, as in messages. */
  name: string;
  /** How the outputs have to be read, in training and in detection. */
  coding: Coding;
  /** What the sum over pictures is divided by, in words. */
  reduction: string;
  /** Names of the parts. */
  parts: readonly string[];
  /**
   * Whether the losses of micro-batches add up to the loss of the effective batch, when each is given the counts of the
   * effective batch and the sum is divided by what {@link LossValue.divisor} says.
   */
  accumulable: boolean;
  /** Why not, if not. */
  notAccumulable?: string;
  /**
   * True if it needs the predictions' numbers while it computes. Where it isn't given them it reads them at once, which
   * WebGPU in Node can't do.
   */
  readsPredictions?: true;
}

/**
 * A loss of a detector's predictions, differentiable with respect to them.
 *
 * For gradient accumulation give each micro-batch the counts of the effective batch: then the losses, and their
 * gradients, add up to those of the effective batch, where they have a {@link LossValue.divisor} once divided by it.
 */
export interface DetectionLoss<Coding extends PredictionCoding = PredictionCoding> {
  /**
   * @param predictions - `[N, S, S, 5B + C]`, or `[N, P, 4 + C]` of a loss whose coding is by distances; float32.
   * @param target - Of the same N pictures and C classes; of grid size S, which a coding by distances doesn't mind.
   * @param counts - Of the effective batch. Default: those of `target`.
   * @param numbers - Of the predictions, where they have been read before; only a loss that reads them has a use for
   * it.
   * @returns Scalars; the caller disposes them.
   * @throws UserError if predictions and target don't fit each other, or the counts are smaller than the target's.
   */
  (
    predictions: tf.Tensor3D | tf.Tensor4D,
    target: GridTarget,
    counts?: BatchCounts,
    numbers?: Float32Array,
  ): LossValue;
  /** Coding, parts and normalisation. */
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
 * @param targets - One for each micro-batch.
 * @throws UserError for anything but targets.
 */
export function countsOf(...targets: GridTarget[]): BatchCounts {
  checkArguments('countsOf', { targets }, { targets: TARGETS });
  return {
    pictures: targets.reduce((sum, { pictures }) => sum + pictures, 0),
    objects: targets.reduce((sum, { objectCount }) => sum + objectCount, 0),
  };
}

/** What losses are divided by whose {@link LossValue.divisor}s add up to `sum`. */
export function divisorOf(sum: number): number {
  return Math.max(1, sum);
}

const ARGUMENTS = {
  predictions: tensor('a tensor of predictions'),
  target: TARGET,
  counts: v.optional(record('the counts of a batch', { pictures: wholeFrom(0), objects: wholeFrom(0) })),
};

/**
 * Checks what all losses ask of their arguments.
 *
 * @param loss - Name for messages.
 * @throws UserError for an argument of another kind, predictions that aren't float32, and counts smaller than the
 * target's.
 */
export function checkLossArguments(
  loss: string,
  predictions: tf.Tensor,
  target: GridTarget,
  counts: BatchCounts | undefined,
): void {
  checkArguments(loss, { predictions, target, counts }, ARGUMENTS);
  if (predictions.dtype !== 'float32') {
    throw new UserError(`${loss}: predictions is ${predictions.dtype}, expected float32`);
  }
  if (counts && !(counts.pictures >= target.pictures && counts.objects >= target.objectCount)) {
    throw new UserError(
      `${loss}: counts is ${counted(counts.pictures, 'picture')} and ${counted(counts.objects, 'object')}, expected those of ` +
        `the effective batch, at least the ${target.pictures} and ${target.objectCount} of target`,
    );
  }
}
