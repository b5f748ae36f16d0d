import type { AnnotatedItem } from '../../data/dataset';
import { gridObjectsOf } from '../../data/gridObjects';
import type { GridCoding } from '../../grid/coding';
import type { PredictionArray } from '../../grid/decode/decodeDetections';
import { encodeGrid } from '../../grid/gridTarget';
import { predictionLayout } from '../../grid/layout';

/** Confidences of many cells; mean and percentiles of none are NaN, and null once stored. */
export interface ConfidenceCounts {
  /** Number of cells, over all pictures. */
  cells: number;
  /** Mean confidence. */
  mean: number;
  /** Median confidence. */
  median: number;
  /** Confidence that 5 % of the cells exceed. */
  percentile95: number;
  /**
   * Edges of the histogram's 40 bins, from 0 to 1; linear outputs beyond are counted in the first and the last bin.
   * Shape [bins + 1].
   */
  edges: number[];
  /** Cells by bin; shape [bins]. */
  counts: number[];
}

/** How confident a detector is, cell by cell; of a cell's predictors the most confident one counts. */
export interface ConfidenceSurvey {
  /** Confidences of all pictures' cells. */
  confidence: {
    /** Cells that hold the centre of an object. */
    withObject: ConfidenceCounts;
    /** Cells that hold none. */
    empty: ConfidenceCounts;
  };
  /** Mean confidence over the pictures, by row and column of the grid; shape [S, S]. */
  meanMap: number[][];
  /** Confidence in each of the first four pictures, by row and column; shape [S, S]. */
  pictureMaps: { key: string; map: number[][] }[];
}

const BINS = 40;
/** Pictures whose map is kept. */
const MAPS = 4;
const DIGITS = 4;

/** Takes the confidences of a detector's predictions picture by picture, and sums them up. */
export class ConfidenceSurveyor {
  private readonly withObject: number[] = [];
  private readonly empty: number[] = [];
  private readonly pictureMaps: ConfidenceSurvey['pictureMaps'] = [];
  private sums?: Float64Array;
  private pictures = 0;

  /** @param coding - How the outputs are coded. */
  constructor(
    private readonly classes: readonly string[],
    private readonly coding: GridCoding,
  ) {}

  /** Add the predictions `[n, S, S, 5B + C]` of these pictures. */
  add(items: readonly AnnotatedItem[], { shape, data }: PredictionArray): void {
    const { gridSize, predictors, depth } = predictionLayout('confidence', shape, this.classes.length);
    const { classIndex } = encodeGrid(
      items.map(({ annotation }) => gridObjectsOf(annotation, this.classes)),
      { gridSize, classes: this.classes.length },
    );
    const cells = gridSize ** 2;
    this.sums ??= new Float64Array(cells);
    items.forEach(({ key }, picture) => {
      const confidences = Float64Array.from({ length: cells }, (_, cell) => {
        const at = (picture * cells + cell) * depth;
        let best = Number.NEGATIVE_INFINITY;
        for (let predictor = 0; predictor < predictors; predictor++) {
          best = Math.max(best, data[at + 5 * predictor + 4]);
        }
        return this.coding.confidence === 'sigmoid' ? 1 / (1 + Math.exp(-best)) : best;
      });
      confidences.forEach((confidence, cell) => {
        this.sums![cell] += confidence;
        const list = classIndex[picture * cells + cell] >= 0 ? this.withObject : this.empty;
        list.push(confidence);
      });
      if (this.pictureMaps.length < MAPS) {
        this.pictureMaps.push({ key, map: rowsOf(confidences, gridSize) });
      }
    });
    this.pictures += items.length;
  }

  /** What was seen so far; numbers rounded to four digits. */
  survey(): ConfidenceSurvey {
    const means = (this.sums ?? new Float64Array()).map((sum) => sum / this.pictures);
    return {
      confidence: { withObject: countsOf(this.withObject), empty: countsOf(this.empty) },
      meanMap: rowsOf(means, Math.sqrt(means.length)),
      pictureMaps: this.pictureMaps,
    };
  }
}

function countsOf(confidences: readonly number[]): ConfidenceCounts {
  const counts = new Array<number>(BINS).fill(0);
  for (const confidence of confidences) {
    counts[Math.max(0, Math.min(BINS - 1, Math.floor(confidence * BINS)))] += 1;
  }
  const sorted = Float64Array.from(confidences).sort();
  const at = (share: number) =>
    sorted.length > 0 ? sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] : Number.NaN;
  const sum = confidences.reduce((total, confidence) => total + confidence, 0);
  return {
    cells: confidences.length,
    mean: rounded(sum / confidences.length),
    median: rounded(at(0.5)),
    percentile95: rounded(at(0.95)),
    edges: Array.from({ length: BINS + 1 }, (_, edge) => edge / BINS),
    counts,
  };
}

function rowsOf(values: Float64Array, gridSize: number): number[][] {
  return Array.from({ length: gridSize }, (_, row) =>
    Array.from(values.subarray(row * gridSize, (row + 1) * gridSize), rounded),
  );
}

function rounded(value: number): number {
  return Number(value.toPrecision(DIGITS));
}
