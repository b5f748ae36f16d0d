import type { Detection } from '../../grid/detection';
import type { MapInterval } from '../bootstrap';
import type { ClassCurve } from '../classCurves';
import type { CocoFigures } from '../coco/coco';
import { analyseErrors, type ErrorAnalysis } from '../errorAnalysis';
import type { ScoreCut } from '../scoreCut';
import type { DetectionTable } from '../table/detectionTable';
import type { GroundTruthTable } from '../table/groundTruthTable';
import { splitByYear } from '../table/years';
import { evaluateVoc, type VocResult } from '../voc';
import type { ConfidenceSurvey } from './confidenceSurvey';
import type { OriginalEvaluation } from './originalEvaluation';

/** VOC mAP at IoU .5 of all pictures together and of each year by itself. */
export interface PooledEvaluation {
  /** Pictures evaluated. */
  pictures: number;
  /** The headline: all years in one list. */
  pooled: VocResult;
  /** By the year folder's name; one entry only where there is one year. */
  years: Record<string, VocResult>;
  /** Share of each kind of the most confident detections, all years together; absent from older records. */
  errors?: ErrorAnalysis['shares'];
}

/**
 * What an evaluation during training found. Older records hold `epoch` and `map` only; those of a detector without
 * objectness tell of no confidences.
 */
export interface EpochEvaluation extends Partial<ConfidenceSurvey> {
  /** From 1; 0 is before the first step. */
  epoch: number;
  /** mAP at IoU .5, pooled. */
  map: number;
  /** mAP of the same predictions by all of the original's rules; absent without objectness. */
  original?: number;
  /** False positives a picture, of all classes, if only detections with a score of at least `threshold` are shown. */
  falsePositives?: { threshold: number; perPicture: number }[];
  /** Where BatchNorm's statistics move; absent elsewhere. */
  statisticsDrift?: StatisticsDrift;
}

/** How far the running statistics of all BatchNorms of the backbone are from where they started. */
export interface StatisticsDrift {
  /** Distance that the means have moved, over the length of the standard deviations at the start; both Euclidean. */
  mean: number;
  /** Distance that the variances have moved, over their length at the start. */
  variance: number;
}

/** What is found after the last epoch. */
export interface FinalEvaluation extends PooledEvaluation {
  /** 95 % interval of the pooled mAP over the choice of pictures; absent from older records. */
  interval?: MapInterval;
  /** Figures by COCO's rules, means over the classes; absent from older records. */
  coco?: CocoFigures;
  /** mAP of the same predictions by the original's rules; absent from older records and without objectness. */
  writeUp?: OriginalEvaluation;
  /** Precision/recall curves of all years together; absent from older records. */
  curves?: ClassCurve[];
  /** The most confident detections of a few pictures, to be drawn; absent from older records. */
  detections?: PictureDetections[];
}

/** What the held-out pictures decided. */
export interface HeldOutChoice {
  /** Pictures held out. */
  pictures: number;
  /** Epoch whose network was kept. */
  epoch: number;
  /** Its mAP at IoU .5 on these pictures. */
  map: number;
  /** Score from which on its detections are shown; absent where it found no object there. */
  scoreCut?: ScoreCut;
}

/** What a run found. A number that is NaN, such as the AP of a class without objects, is null once it is stored. */
export interface ExperimentEvaluation {
  /** Evaluations after epochs: on the held-out pictures where there are any. */
  epochs: EpochEvaluation[];
  /**
   * What the held-out pictures decided: their number, the epoch whose network was kept with its mAP at IoU .5 on them,
   * and the `scoreCut`, the score from which on its detections are shown, with precision and recall there, 0..1. Absent
   * where none were held out.
   */
  heldOut?: HeldOutChoice;
  /** Evaluation of the network that was kept: that of the last epoch, or the one that the held-out pictures chose. */
  final: FinalEvaluation;
}

/** Detections of one picture. */
export interface PictureDetections {
  /** Key of the picture, such as `VOC2012/2007_000032`. */
  readonly key: string;
  /** Boxes in pixels, by descending score. */
  readonly detections: readonly Detection[];
}

/** Evaluate by the VOC rules (area under the envelope, IoU .5), pooled and by year. */
export function evaluatePooled(detections: DetectionTable, groundTruth: GroundTruthTable): PooledEvaluation {
  const years = splitByYear(detections, groundTruth).map((part) => [
    part.year,
    evaluateVoc(part.detections, part.groundTruth),
  ]);
  return {
    pictures: groundTruth.index.keys.length,
    pooled: evaluateVoc(detections, groundTruth),
    years: Object.fromEntries(years),
    errors: analyseErrors(detections, groundTruth).shares,
  };
}
