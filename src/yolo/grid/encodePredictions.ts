import { COUNT, checkArguments, record } from '../core/arguments';
import { BOX_CODINGS, type BoxCodingName, codingOf, type GridCoding } from './coding';
import type { PredictionArray } from './decode/decodeDetections';
import { type GridTarget, TARGET } from './gridTarget';

/** Options of {@link encodePredictions}. */
export interface EncodePredictionsOptions {
  /** How outputs stand for boxes, confidences and classes. */
  coding: BoxCodingName | GridCoding;
  /** Boxes a cell, B; the first of a cell gets its object. */
  predictors: number;
}

const ARGUMENTS = {
  target: TARGET,
  options: record('an object with coding and predictors', { predictors: COUNT }),
};
// Outputs whose sigmoid or softmax is 1 or 0 to seven digits.
const CERTAIN = 16;

/**
 * What a perfect detector would predict for a target: decoded, it gives the target's objects back. Evaluating it shows
 * what the grid alone costs: objects that found their cell taken.
 *
 * @param target - What {@link encodeGrid} gave.
 * @param options - How the outputs are to be read, and how many boxes a cell has.
 * @returns `[N, S, S, 5B + C]`.
 * @throws UserError for anything but a target, an unknown coding or a number of predictors that is no whole number
 * above 0.
 */
export function encodePredictions(target: GridTarget, options: EncodePredictionsOptions): PredictionArray {
  checkArguments('encodePredictions', { target, options }, ARGUMENTS);
  const { coding, predictors } = options;
  const { box, confidence, classes: classCoding } = codingOf(coding);
  const { unit, scalar } = BOX_CODINGS[box];
  const { pictures, gridSize, classes, classIndex, boxes } = target;
  const depth = 5 * predictors + classes;
  const data = new Float32Array(classIndex.length * depth);
  const no = confidence === 'sigmoid' ? -CERTAIN : 0;
  const yes = confidence === 'sigmoid' ? CERTAIN : 1;
  for (let cell = 0; cell < classIndex.length; cell++) {
    const output = cell * depth;
    for (let predictor = 0; predictor < predictors; predictor++) data[output + 5 * predictor + 4] = no;
    if (classIndex[cell] < 0) continue;
    const [left, top, right, bottom] = boxes.subarray(4 * cell, 4 * cell + 4);
    const x = (left + right) / 2;
    const y = (top + bottom) / 2;
    const column = cell % gridSize;
    const row = Math.floor(cell / gridSize) % gridSize;
    data[output] = scalar.offsetOutput(unit === 'cell' ? x * gridSize - column : x);
    data[output + 1] = scalar.offsetOutput(unit === 'cell' ? y * gridSize - row : y);
    data[output + 2] = scalar.sizeOutput(right - left);
    data[output + 3] = scalar.sizeOutput(bottom - top);
    data[output + 4] = yes;
    data[output + 5 * predictors + classIndex[cell]] = classCoding === 'softmax' ? CERTAIN : 1;
  }
  return { shape: [pictures, gridSize, gridSize, depth], data };
}
