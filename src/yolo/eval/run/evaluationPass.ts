import type * as tf from '@tensorflow/tfjs';
import { UserError } from '../../core/errors';
import type { AnnotatedItem, Dataset } from '../../data/dataset';
import type { PredictionCoding } from '../../grid/coding';
import { decodeDetections, type PredictionArray } from '../../grid/decodeDetections';
import { predictionLayout } from '../../grid/layout';
import { takeData } from '../../tensor/takeData';
import { bootstrapMap } from '../bootstrap';
import { classCurves } from '../classCurves';
import { falsePositivesPerPicture } from '../confidence';
import { type DetectionTable, detectionTable } from '../table/detectionTable';
import { type GroundTruthTable, groundTruthTable } from '../table/groundTruthTable';
import { evaluateVoc } from '../voc';
import { type ConfidenceSurvey, ConfidenceSurveyor } from './confidenceSurvey';
import {
  type EpochEvaluation,
  evaluatePooled,
  type FinalEvaluation,
  type PictureDetections,
} from './evaluation';
import { evaluateOriginalPoints, type OriginalEvaluation } from './originalEvaluation';

/** Scores from which false positives are counted. */
const THRESHOLDS = [0.05, 0.1, 0.2, 0.4];
/** Of a few pictures of each year, the detections that are kept to be drawn. */
const DRAWN = { pictures: 8, detections: 20, score: 0.05 };
const TENTH_OF_A_PIXEL = 10;

/** Takes the predictions for the evaluated pictures batch by batch, and then says what they are worth. */
export class EvaluationPass {
  private readonly found: PictureDetections[] = [];
  /** Of the more confident box of each cell only, as the original's code evaluates. */
  private readonly oneBox: PictureDetections[] = [];
  private tables?: { truth: GroundTruthTable; detections: DetectionTable };
  private readonly confidence: ConfidenceSurveyor;
  private gridSize = 0;
  private original?: OriginalEvaluation;

  constructor(
    private readonly data: Dataset,
    private readonly coding: PredictionCoding,
  ) {
    this.confidence = new ConfidenceSurveyor(data.classes, coding);
  }

  /**
   * Add the predictions `[n, S, S, 5B + C]` for these pictures; disposes them.
   *
   * @throws UserError if one is not a finite number.
   */
  async add(items: readonly AnnotatedItem[], predictions: tf.Tensor4D): Promise<void> {
    const { shape } = predictions;
    const data = await takeData(predictions);
    if (!data.every(Number.isFinite)) {
      throw new UserError(
        `evaluation: the network's outputs for ${items.map(({ key }) => key).join(', ')} are not all finite numbers; ` +
          'lower the learning rate',
      );
    }
    this.gridSize = shape[1];
    this.confidence.add(items, { shape, data });
    this.found.push(...this.detections(items, { shape, data }));
    this.oneBox.push(...this.detections(items, { shape, data: this.withOneBox({ shape, data }) }));
  }

  /** What is kept of an evaluation during training. */
  epoch(epoch: number): EpochEvaluation & ConfidenceSurvey {
    const { truth, detections } = this.comparison();
    const counts = falsePositivesPerPicture(detections, truth, THRESHOLDS);
    return {
      epoch,
      map: evaluateVoc(detections, truth).map,
      original: this.asOriginal().all,
      falsePositives: THRESHOLDS.map((threshold, place) => ({ threshold, perPicture: counts[place] })),
      ...this.confidence.survey(),
    };
  }

  /** What is kept of the last one. */
  final(): FinalEvaluation {
    const { truth, detections } = this.comparison();
    return {
      ...evaluatePooled(detections, truth),
      interval: bootstrapMap(detections, truth),
      writeUp: this.asOriginal(),
      curves: classCurves(detections, truth),
      detections: this.drawn(),
    };
  }

  private asOriginal(): OriginalEvaluation {
    const { items, classes } = this.data;
    const { found, oneBox, gridSize } = this;
    this.original ??= evaluateOriginalPoints(items, classes, { detections: found, oneBox, gridSize });
    return this.original;
  }

  /** What was found and what there is, once every picture was added. */
  private comparison(): { truth: GroundTruthTable; detections: DetectionTable } {
    if (!this.tables) {
      const truth = groundTruthTable(this.data.items, this.data.classes);
      this.tables = { truth, detections: detectionTable(truth.index, this.found) };
    }
    return this.tables;
  }

  private detections(items: readonly AnnotatedItem[], predictions: PredictionArray): PictureDetections[] {
    const detections = decodeDetections(predictions, {
      coding: this.coding,
      classes: this.data.classes.length,
      pictures: items.map(({ key, annotation: { width, height } }) => ({ key, width, height })),
    });
    return items.map(({ key }, place) => ({ key, detections: detections[place] }));
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

  private drawn(): PictureDetections[] {
    const years = new Map<string, number>();
    const keys = this.data.items.flatMap(({ key, year }) => {
      years.set(year, (years.get(year) ?? 0) + 1);
      return years.get(year)! <= DRAWN.pictures ? [key] : [];
    });
    const byKey = new Map(this.found.map(({ key, detections }) => [key, detections]));
    return keys.map((key) => ({
      key,
      detections: byKey
        .get(key)!
        .filter(({ score }) => score >= DRAWN.score)
        .slice(0, DRAWN.detections)
        .map(({ classIndex, score, box }) => ({
          classIndex,
          score: Number(score.toPrecision(4)),
          box: {
            left: Math.round(box.left * TENTH_OF_A_PIXEL) / TENTH_OF_A_PIXEL,
            top: Math.round(box.top * TENTH_OF_A_PIXEL) / TENTH_OF_A_PIXEL,
            right: Math.round(box.right * TENTH_OF_A_PIXEL) / TENTH_OF_A_PIXEL,
            bottom: Math.round(box.bottom * TENTH_OF_A_PIXEL) / TENTH_OF_A_PIXEL,
          },
        })),
    }));
  }
}
