import type { Detection } from '../box/detection';
import type { AnnotatedItem } from '../data/dataset';
import { detectionTable } from '../eval/detectionTable';
import { groundTruthTable } from '../eval/groundTruthTable';
import { evaluateVoc, type VocResult } from '../eval/voc';
import { splitByYear } from '../eval/years';

/** VOC mAP at IoU .5 of all pictures together and of each year by itself. */
export interface PooledEvaluation {
  /** Pictures evaluated. */
  pictures: number;
  /** The headline: all years in one list. */
  pooled: VocResult;
  /** By the year folder's name; one entry only where there is one year. */
  years: Record<string, VocResult>;
}

/** What a run found. */
export interface ExperimentEvaluation {
  /** mAP after the epochs that were evaluated, pooled. */
  epochs: { epoch: number; map: number }[];
  /** After the last epoch. */
  final: PooledEvaluation;
}

/** Detections of one picture. */
export interface PictureDetections {
  readonly key: string;
  readonly detections: readonly Detection[];
}

/** Evaluate by the VOC rules (area under the envelope, IoU .5), pooled and by year. */
export function evaluatePooled(
  items: readonly AnnotatedItem[],
  classes: readonly string[],
  detections: readonly PictureDetections[],
): PooledEvaluation {
  const groundTruth = groundTruthTable(items, classes);
  const table = detectionTable(groundTruth.catalogue, detections);
  const years = splitByYear(table, groundTruth).map((part) => [
    part.year,
    evaluateVoc(part.detections, part.groundTruth),
  ]);
  return {
    pictures: items.length,
    pooled: evaluateVoc(table, groundTruth),
    years: Object.fromEntries(years),
  };
}
