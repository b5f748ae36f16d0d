import { UserError } from '../core/errors';
import type { AnnotatedObject } from '../data/annotation';
import { encodeObjects } from '../data/gridObjects';
import { type GridTarget, sliceTarget } from '../grid/gridTarget';
import { countsOf, type DetectionLoss, type LossValue } from '../loss/detectionLoss';
import type { Slice } from '../memory/guard';
import type { Detector, Predictions } from '../model/detector';

/** The share that some pictures of a batch have in its loss; called inside a tidy. */
export type LossShare = (predictions: Predictions, slice: Slice) => LossValue;

/**
 * A loss in shares that add up to that of the whole batch: what a loss is divided by is counted over the whole batch,
 * whichever pictures a share is of.
 *
 * @returns For the objects of a batch, by picture, the shares of its slices.
 * @throws UserError if shares of the loss don't add up; says why.
 */
export function sharesOf(
  loss: DetectionLoss,
  { spec }: Pick<Detector, 'spec'>,
): (objects: readonly (readonly AnnotatedObject[])[]) => LossShare {
  const { name, accumulable, notAccumulable } = loss.description;
  if (!accumulable) {
    throw new UserError(
      `microBatch: the loss '${name}' cannot be accumulated (${notAccumulable}); take a batchSize that goes through at once`,
    );
  }
  return (objects) => {
    let target: GridTarget | undefined;
    return (predictions, { start, end }) => {
      target ??= encodeObjects(spec.classes, predictions.shape, objects);
      return loss(predictions, sliceTarget(target, start, end), countsOf(target));
    };
  };
}
