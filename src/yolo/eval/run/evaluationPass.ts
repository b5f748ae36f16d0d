import type * as tf from '@tensorflow/tfjs';
import { UserError } from '../../core/errors';
import type { AnnotatedItem, Dataset } from '../../data/dataset';
import type { PredictionCoding } from '../../grid/coding';
import { decodeDetections, type PredictionArray } from '../../grid/decode/decodeDetections';
import { takeData } from '../../tensor/takeData';
import { bootstrapMap } from '../bootstrap';
import { classCurves } from '../classCurves';
import { evaluateCoco } from '../coco/coco';
import { falsePositivesPerPicture } from '../confidence';
import { bestScoreCut, type ScoreCut } from '../scoreCut';
import { type DetectionTable, detectionTable } from '../table/detectionTable';
import { type GroundTruthTable, groundTruthTable } from '../table/groundTruthTable';
import { evaluateVoc } from '../voc';
import {
  type EpochEvaluation,
  evaluatePooled,
  type FinalEvaluation,
  type PictureDetections,
} from './evaluation';
import { GridSurvey } from './gridSurvey';

/** Scores from which false positives are counted. */
const THRESHOLDS = [0.05, 0.1, 0.2, 0.4];
/** Of a few pictures of each year, the detections that are kept to be drawn. */
const DRAWN = { pictures: 8, detections: 20, score: 0.05 };
const TENTH_OF_A_PIXEL = 10;

/** Takes the predictions for the evaluated pictures batch by batch, and then says what they are worth. */
export class EvaluationPass {
  private readonly found: PictureDetections[] = [];
  private tables?: { truth: GroundTruthTable; detections: DetectionTable };
  /** Only of a detector with objectness. */
  private readonly grid?: GridSurvey;

  constructor(
    private readonly data: Dataset,
    private readonly coding: PredictionCoding,
  ) {
    if (coding.box !== 'distances') {
      this.grid = new GridSurvey(data, coding, (items, predictions) => this.detections(items, predictions));
    }
  }

  /**
   * Add the predictions for these pictures; disposes them.
   *
   * @throws UserError if one is not a finite number.
   */
  async add(items: readonly AnnotatedItem[], predictions: tf.Tensor): Promise<void> {
    const { shape } = predictions;
    const data = await takeData(predictions);
    if (!data.every(Number.isFinite)) {
      throw new UserError(
        `evaluation: the network's outputs for ${items.map(({ key }) => key).join(', ')} are not all finite numbers; ` +
          'lower the learning rate',
      );
    }
    this.found.push(...this.detections(items, { shape, data }));
    this.grid?.add(items, { shape, data });
  }

  /** What is kept of an evaluation during training. */
  epoch(epoch: number): EpochEvaluation {
    const { truth, detections } = this.comparison();
    const counts = falsePositivesPerPicture(detections, truth, THRESHOLDS);
    return {
      epoch,
      map: evaluateVoc(detections, truth).map,
      ...(this.grid ? { original: this.grid.originalMap() } : {}),
      falsePositives: THRESHOLDS.map((threshold, place) => ({ threshold, perPicture: counts[place] })),
      ...this.grid?.survey(),
    };
  }

  /** What is kept of the network that counts. */
  final(): FinalEvaluation {
    const { truth, detections } = this.comparison();
    const { classes, ...coco } = evaluateCoco(detections, truth);
    return {
      ...evaluatePooled(detections, truth),
      interval: bootstrapMap(detections, truth),
      coco,
      ...(this.grid ? { writeUp: this.grid.originalPoints(this.found) } : {}),
      curves: classCurves(detections, truth),
      detections: this.drawn(),
    };
  }

  /** From which score on to show what is found. */
  scoreCut(): ScoreCut | undefined {
    const { truth, detections } = this.comparison();
    return bestScoreCut(detections, truth);
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
