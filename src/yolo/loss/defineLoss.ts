import * as tf from '@tensorflow/tfjs';
import type { GridCoding } from '../grid/coding';
import type { GridTarget } from '../grid/gridTarget';
import { checkGrids } from './assignedCells';
import {
  type BatchCounts,
  checkLossArguments,
  countsOf,
  type DetectionLoss,
  type LossDescription,
} from './detectionLoss';

/**
 * Makes a {@link DetectionLoss} of a formula for predictions `[N, S, S, 5B + C]`.
 *
 * @param description - Without the parts' names.
 * @param parts - Names of the parts.
 * @param formula - The weighted parts; runs inside a tidy, its arguments have been checked.
 */
export function defineLoss<Part extends string>(
  description: Omit<LossDescription<GridCoding>, 'parts'>,
  parts: readonly Part[],
  formula: (predictions: tf.Tensor4D, target: GridTarget, counts: BatchCounts) => Record<Part, tf.Tensor>,
): DetectionLoss<GridCoding> {
  const loss = (predictions: tf.Tensor, target: GridTarget, counts = countsOf(target)) => {
    checkLossArguments(description.name, predictions, target, counts);
    checkGrids(description.name, predictions, target);
    return tf.tidy(() => {
      const values = formula(predictions as tf.Tensor4D, target, counts) as Record<string, tf.Scalar>;
      return { total: tf.addN(Object.values(values)), parts: values };
    });
  };
  return Object.assign(loss, { description: Object.freeze({ ...description, parts }) });
}
