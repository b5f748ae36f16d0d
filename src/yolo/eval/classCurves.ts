import { RECALL_POINTS } from './cocoRules';
import type { DetectionTable } from './detectionTable';
import type { GroundTruthTable } from './groundTruthTable';
import { interpolatedPrecision } from './interpolatedPrecision';
import { precisionRecall } from './precisionRecall';
import { judge, requireSameCatalogue } from './vocMatch';

/** The precision/recall curve of one class at IoU .5, in few enough numbers to be kept. */
export interface ClassCurve {
  readonly name: string;
  /** The largest precision at or beyond recall 0, .01, ... 1, 0..1, to four digits. */
  readonly precision: readonly number[];
}

/**
 * The curves of which the VOC rules take the area, read where COCO reads them: at 101 recalls, made monotone.
 *
 * @returns One entry for each class that has objects, in the order of the catalogue.
 * @throws RangeError for tables of different catalogues.
 */
export function classCurves(detections: DetectionTable, groundTruth: GroundTruthTable): ClassCurve[] {
  requireSameCatalogue(detections, groundTruth);
  return groundTruth.catalogue.classes.flatMap((name, classIndex) => {
    const judged = judge(detections, groundTruth, classIndex, 0.5);
    if (judged.objects === 0) return [];
    const curve = interpolatedPrecision(precisionRecall(detections, judged), RECALL_POINTS);
    return [{ name, precision: curve.map((value) => Math.round(value * 1e4) / 1e4) }];
  });
}
