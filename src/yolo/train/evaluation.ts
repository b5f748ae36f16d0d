import type { AnnotatedItem } from '../data/dataset';
import type { Detection } from '../eval/detection';
import { detectionTable } from '../eval/detectionTable';
import { groundTruthTable } from '../eval/groundTruthTable';
import { evaluateVoc, type VocResult } from '../eval/voc';

/** VOC mAP at IoU .5 of all pictures together and of each year by itself. */
export interface PooledEvaluation {
  /** Pictures evaluated. */
  pictures: number;
  /** The headline: all years in one list. */
  pooled: VocResult;
  /** By the year folder's name; one entry only where there is one year. */
  years: Record<string, VocResult>;
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
  const evaluate = (part: readonly AnnotatedItem[]) => {
    const groundTruth = groundTruthTable(part, classes);
    const keys = new Set(part.map(({ key }) => key));
    const own = detections.filter(({ key }) => keys.has(key));
    return evaluateVoc(detectionTable(groundTruth.catalogue, own), groundTruth);
  };
  const years = [...new Set(items.map(({ year }) => year))].sort();
  return {
    pictures: items.length,
    pooled: evaluate(items),
    years: Object.fromEntries(
      years.map((year) => [year, evaluate(items.filter((item) => item.year === year))]),
    ),
  };
}
