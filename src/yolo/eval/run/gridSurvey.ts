import type { AnnotatedItem, Dataset } from '../../data/dataset';
import type { GridCoding } from '../../grid/coding';
import type { PredictionArray } from '../../grid/decode/decodeDetections';
import { predictionLayout } from '../../grid/layout';
import { type ConfidenceSurvey, ConfidenceSurveyor } from './confidenceSurvey';
import type { PictureDetections } from './evaluation';
import {
  evaluateOriginalPoints,
  type OriginalEvaluation,
  type OriginalInputs,
  originalMap,
} from './originalEvaluation';

/** What can be said only of a detector with a confidence in each cell: how confident it is, and what the original's code would say. */
export class GridSurvey {
  /** Of the more confident box of each cell only, as the original's code evaluates. */
  private readonly oneBox: PictureDetections[] = [];
  private readonly confidence: ConfidenceSurveyor;
  private gridSize = 0;

  /** @param decode - Detections of predictions. */
  constructor(
    private readonly data: Dataset,
    private readonly coding: GridCoding,
    private readonly decode: (
      items: readonly AnnotatedItem[],
      predictions: PredictionArray,
    ) => PictureDetections[],
  ) {
    this.confidence = new ConfidenceSurveyor(data.classes, coding);
  }

  /** Add the predictions `[n, S, S, 5B + C]` for these pictures. */
  add(items: readonly AnnotatedItem[], predictions: PredictionArray): void {
    const { shape } = predictions;
    this.gridSize = shape[1];
    this.confidence.add(items, predictions);
    this.oneBox.push(...this.decode(items, { shape, data: this.withOneBox(predictions) }));
  }

  /** How confident it is. */
  survey(): ConfidenceSurvey {
    return this.confidence.survey();
  }

  /** mAP@.5 by all of the original's rules. */
  originalMap(): number {
    return originalMap(this.inputs);
  }

  /** What each of the original's rules makes of it. @param detections - Of all boxes. */
  originalPoints(detections: readonly PictureDetections[]): OriginalEvaluation {
    return evaluateOriginalPoints(detections, this.inputs);
  }

  private get inputs(): OriginalInputs {
    const { items, classes } = this.data;
    return { items, classes, oneBox: this.oneBox, gridSize: this.gridSize };
  }

  /** The predictions without the confidence of every predictor but the most confident one of its cell. */
  private withOneBox({ shape, data }: PredictionArray): Float32Array {
    const { predictors, depth } = predictionLayout('evaluation', shape, this.data.classes.length);
    const none = this.coding.confidence === 'sigmoid' ? -100 : 0;
    const changed = Float32Array.from(data);
    for (let cell = 0; cell < changed.length; cell += depth) {
      const confidences = Array.from({ length: predictors }, (_, place) => changed[cell + 5 * place + 4]);
      const best = confidences.indexOf(Math.max(...confidences));
      for (let place = 0; place < predictors; place++) {
        if (place !== best) changed[cell + 5 * place + 4] = none;
      }
    }
    return changed;
  }
}
