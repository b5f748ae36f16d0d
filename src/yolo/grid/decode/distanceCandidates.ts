import { type CellPlaces, cellPlaces, type DistanceLayout } from '../distanceLayout';
import { decodeDistances } from '../distances';
import { CandidateList } from './candidateList';
import type { CandidateOptions } from './candidates';

/** As `Candidates`, of predictions without objectness: a class's probability is the score. */
export class DistanceCandidates extends CandidateList {
  readonly #layout: DistanceLayout;
  readonly #places: CellPlaces;
  readonly #classes: number;
  readonly #every: boolean;
  /** Class outputs above it are probabilities above the score threshold. */
  readonly #least: number;

  constructor(layout: DistanceLayout, { classes, scoreThreshold, every }: Omit<CandidateOptions, 'coding'>) {
    super(layout.cells * (every ? classes : 1));
    this.#layout = layout;
    this.#places = cellPlaces(layout.sides);
    this.#classes = classes;
    this.#every = every;
    this.#least = Math.log(scoreThreshold / Math.max(0, 1 - scoreThreshold));
  }

  /**
   * Takes the candidates of one picture.
   *
   * @param values - Its predictions, P * (4 + C) finite numbers.
   */
  collect(values: Float32Array | Float64Array): void {
    this.clear();
    const { cells, depth } = this.#layout;
    for (let cell = 0; cell < cells; cell++) {
      const from = cell * depth + 4;
      let best = 0;
      for (let c = 1; c < this.#classes; c++) if (values[from + c] > values[from + best]) best = c;
      if (!(values[from + best] > this.#least)) continue;
      decodeDistances(values, depth, this.#places, cell, this.edges);
      if (!this.hasArea()) continue;
      if (!this.#every) this.push(probability(values[from + best]), best);
      else {
        for (let c = 0; c < this.#classes; c++) {
          if (values[from + c] > this.#least) this.push(probability(values[from + c]), c);
        }
      }
    }
  }
}

function probability(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}
