import { UserError } from '../core/errors';
import type { AnnotatedObject } from '../data/annotation';
import { encodeObjects } from '../data/gridObjects';
import { type GridTarget, sliceTarget } from '../grid/gridTarget';
import { countsOf, type DetectionLoss, type LossValue } from '../loss/detectionLoss';
import type { Slice } from '../memory/measure/guard';
import type { Detector, Predictions } from '../model/detector';

/**
 * The loss of some pictures of a batch, as a summand of the batch's; called inside a tidy.
 *
 * @param numbers - Of the predictions, where they have been read before.
 */
export type MicroBatchLoss = (predictions: Predictions, slice: Slice, numbers?: Float32Array) => LossValue;

/**
 * Losses of micro-batches that add up to that of the whole batch: the divisors of a loss are counted over the whole batch,
 * whichever pictures a micro-batch holds.
 *
 * @returns For the objects of a batch, by picture, the losses of its slices.
 * @throws UserError if the losses of micro-batches don't add up; says why.
 */
export function microBatchLossOf(
  loss: DetectionLoss,
  { spec }: Pick<Detector, 'spec'>,
): (objects: readonly (readonly AnnotatedObject[])[]) => MicroBatchLoss {
  const { name, accumulable, notAccumulable } = loss.description;
  if (!accumulable) {
    throw new UserError(
      `microBatch: the loss '${name}' cannot be accumulated (${notAccumulable}); take a batchSize that goes through at once`,
    );
  }
  return (objects) => {
    let target: GridTarget | undefined;
    return (predictions, { start, end }, numbers) => {
      target ??= encodeObjects(spec.classes, predictions.shape, objects);
      return loss(predictions, sliceTarget(target, start, end), countsOf(target), numbers);
    };
  };
}
