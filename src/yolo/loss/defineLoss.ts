import * as tf from '@tensorflow/tfjs';
import type { GridTarget } from '../grid/gridTarget';
import { checkLossArguments } from './assignedCells';
import { type BatchCounts, countsOf, type DetectionLoss, type LossDescription } from './detectionLoss';

/**
 * Makes a {@link DetectionLoss} of a formula.
 *
 * @param description - Without the parts' names.
 * @param parts - Names of the parts.
 * @param formula - The weighted parts; runs inside a tidy, its arguments have been checked.
 */
export function defineLoss<Part extends string>(
  description: Omit<LossDescription, 'parts'>,
  parts: readonly Part[],
  formula: (predictions: tf.Tensor4D, target: GridTarget, counts: BatchCounts) => Record<Part, tf.Tensor>,
): DetectionLoss {
  const loss = (predictions: tf.Tensor4D, target: GridTarget, counts = countsOf(target)) => {
    checkLossArguments(description.name, predictions, target, counts);
    return tf.tidy(() => {
      const values = formula(predictions, target, counts) as Record<string, tf.Scalar>;
      return { total: tf.addN(Object.values(values)), parts: values };
    });
  };
  return Object.assign(loss, { description: Object.freeze({ ...description, parts }) });
}
