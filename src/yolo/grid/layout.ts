import { UserError } from '../core/errors';

/** Numbers that a prediction's shape stands for. */
export interface PredictionLayout {
  /** Pictures, N. */
  pictures: number;
  /** Cells per side, S. */
  gridSize: number;
  /** Boxes a cell, B. */
  predictors: number;
  /** Numbers a cell, 5B + C. */
  depth: number;
}

/**
 * Reads the shape `[N, S, S, 5B + C]` of a detector's predictions: in each cell x, y, w, h, confidence of each predictor,
 * then the class scores.
 *
 * @param operation - Name for messages.
 * @param shape - Shape of the predictions.
 * @param classes - Number of classes, C.
 * @throws UserError if that is not such a shape.
 */
export function predictionLayout(
  operation: string,
  shape: readonly number[],
  classes: number,
): PredictionLayout {
  const [pictures, gridSize, columns, depth] = shape;
  const predictors = (depth - classes) / 5;
  if (shape.length !== 4 || gridSize !== columns || !(Number.isInteger(predictors) && predictors > 0)) {
    throw new UserError(
      `${operation}: predictions has shape [${shape}], expected [N, S, S, 5B + ${classes}] with a whole B above 0`,
    );
  }
  return { pictures, gridSize, predictors, depth };
}
