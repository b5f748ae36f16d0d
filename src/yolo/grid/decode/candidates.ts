import { BOX_CODINGS, type GridCoding } from '../coding';
import type { PredictionLayout } from '../layout';
import { CandidateList } from './candidateList';

/** Options of {@link Candidates}. */
export interface CandidateOptions {
  coding: GridCoding;
  /** Number of classes, C. */
  classes: number;
  /** Candidates have a higher score than this. */
  scoreThreshold: number;
  /** Every class of a box above the threshold, or only its most probable one. */
  every: boolean;
}

/** Boxes of one picture with a score above the threshold. */
export class Candidates extends CandidateList {
  readonly #layout: PredictionLayout;
  readonly #classes: number;
  readonly #coding: GridCoding;
  readonly #threshold: number;
  readonly #every: boolean;
  readonly #probabilities: Float64Array;

  constructor(layout: PredictionLayout, { coding, classes, scoreThreshold, every }: CandidateOptions) {
    super(layout.gridSize ** 2 * layout.predictors * (every ? classes : 1));
    this.#layout = layout;
    this.#classes = classes;
    this.#coding = coding;
    this.#threshold = scoreThreshold;
    this.#every = every;
    this.#probabilities = new Float64Array(classes);
  }

  /**
   * Takes the candidates of one picture.
   *
   * @param values - Its predictions, S * S * (5B + C) finite numbers.
   */
  collect(values: Float32Array | Float64Array): void {
    this.clear();
    const { gridSize, predictors, depth } = this.#layout;
    const gate = this.#coding.confidence === 'sigmoid';
    for (let cell = 0; cell < gridSize ** 2; cell++) {
      const base = cell * depth;
      let best = -1;
      for (let predictor = 0; predictor < predictors; predictor++) {
        const output = base + 5 * predictor;
        const raw = values[output + 4];
        const confidence = gate ? 1 / (1 + Math.exp(-raw)) : raw;
        // Without this most cells would have their softmax computed for nothing.
        if (!(confidence > 0 && (confidence > this.#threshold || this.#coding.classes === 'linear')))
          continue;
        if (best < 0) best = this.#readProbabilities(values, base + 5 * predictors);
        if (!(confidence * this.#probabilities[best] > this.#threshold)) continue;
        if (!this.#decodeBox(values, output, cell)) continue;
        if (!this.#every) this.push(confidence * this.#probabilities[best], best);
        else {
          for (let c = 0; c < this.#classes; c++) {
            const score = confidence * this.#probabilities[c];
            if (score > this.#threshold) this.push(score, c);
          }
        }
      }
    }
  }

  /** Class probabilities of a cell; returns the index of the largest. */
  #readProbabilities(values: Float32Array | Float64Array, from: number): number {
    const probabilities = this.#probabilities;
    let best = 0;
    for (let c = 1; c < this.#classes; c++) if (values[from + c] > values[from + best]) best = c;
    if (this.#coding.classes === 'linear') {
      for (let c = 0; c < this.#classes; c++) probabilities[c] = Math.max(0, values[from + c]);
      return best;
    }
    const largest = values[from + best];
    let sum = 0;
    for (let c = 0; c < this.#classes; c++) sum += probabilities[c] = Math.exp(values[from + c] - largest);
    for (let c = 0; c < this.#classes; c++) probabilities[c] /= sum;
    return best;
  }

  /** Normalised edges of a predictor's box; returns whether it has an area. */
  #decodeBox(values: Float32Array | Float64Array, output: number, cell: number): boolean {
    const { gridSize } = this.#layout;
    const { unit, scalar } = BOX_CODINGS[this.#coding.box];
    let x = scalar.offset(values[output]);
    let y = scalar.offset(values[output + 1]);
    if (unit === 'cell') {
      x = (x + (cell % gridSize)) / gridSize;
      y = (y + Math.floor(cell / gridSize)) / gridSize;
    }
    const halfWidth = scalar.size(values[output + 2]) / 2;
    const halfHeight = scalar.size(values[output + 3]) / 2;
    const { edges } = this;
    edges[0] = x - halfWidth;
    edges[1] = y - halfHeight;
    edges[2] = x + halfWidth;
    edges[3] = y + halfHeight;
    return this.hasArea();
  }
}
