import type { CandidateOptions } from './candidates';
import { type CellPlaces, cellPlaces, type DistanceLayout } from './distanceLayout';
import { decodeDistances } from './distances';

/** As `Candidates`, of predictions without objectness: a class's probability is the score. */
export class DistanceCandidates {
  readonly #layout: DistanceLayout;
  readonly #places: CellPlaces;
  readonly #classes: number;
  readonly #every: boolean;
  /** Class outputs above it are probabilities above the score threshold. */
  readonly #least: number;
  readonly #boxes: Float64Array;
  readonly #scores: Float64Array;
  readonly #classIndex: Int32Array;
  readonly #edges = new Float64Array(4);
  #count = 0;

  constructor(layout: DistanceLayout, { classes, scoreThreshold, every }: Omit<CandidateOptions, 'coding'>) {
    const capacity = layout.cells * (every ? classes : 1);
    this.#layout = layout;
    this.#places = cellPlaces(layout.sides);
    this.#classes = classes;
    this.#every = every;
    this.#least = Math.log(scoreThreshold / Math.max(0, 1 - scoreThreshold));
    this.#boxes = new Float64Array(4 * capacity);
    this.#scores = new Float64Array(capacity);
    this.#classIndex = new Int32Array(capacity);
  }

  /** Left, top, right, bottom of each candidate, normalised, shape [4n]. */
  get boxes(): Float64Array {
    return this.#boxes.subarray(0, 4 * this.#count);
  }

  get scores(): Float64Array {
    return this.#scores.subarray(0, this.#count);
  }

  get classIndex(): Int32Array {
    return this.#classIndex.subarray(0, this.#count);
  }

  /**
   * Takes the candidates of one picture.
   *
   * @param values - Its predictions, P * (4 + C) finite numbers.
   */
  collect(values: Float32Array | Float64Array): void {
    this.#count = 0;
    const { cells, depth } = this.#layout;
    for (let cell = 0; cell < cells; cell++) {
      const from = cell * depth + 4;
      let best = 0;
      for (let c = 1; c < this.#classes; c++) if (values[from + c] > values[from + best]) best = c;
      if (!(values[from + best] > this.#least)) continue;
      decodeDistances(values, depth, this.#places, cell, this.#edges);
      if (!(this.#edges[0] < this.#edges[2] && this.#edges[1] < this.#edges[3])) continue;
      if (!this.#every) this.#push(values[from + best], best);
      else {
        for (let c = 0; c < this.#classes; c++) {
          if (values[from + c] > this.#least) this.#push(values[from + c], c);
        }
      }
    }
  }

  #push(logit: number, classIndex: number): void {
    const i = this.#count++;
    this.#scores[i] = 1 / (1 + Math.exp(-logit));
    this.#classIndex[i] = classIndex;
    this.#boxes.set(this.#edges, 4 * i);
  }
}
