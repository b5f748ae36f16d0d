import { interpolatedPrecision } from '../interpolatedPrecision';
import { requireSameIndex } from '../matchDetections';
import { meanOfNumbers } from '../meanOfNumbers';
import type { DetectionTable } from '../table/detectionTable';
import type { GroundTruthTable } from '../table/groundTruthTable';
import { type CocoClassCounts, countCocoClass } from './cocoMatch';
import { AREA_RANGES, IOU_THRESHOLDS, RECALL_POINTS } from './cocoRules';

/** COCO's figures for one class or for all, 0..1; NaN where there is no object to find. */
export interface CocoFigures {
  /** AP@[.50:.95]: mean over ten IoU thresholds. */
  readonly ap: number;
  /** AP at IoU .50. */
  readonly ap50: number;
  /** AP at IoU .75. */
  readonly ap75: number;
  /** AP@[.50:.95] of objects up to 32 x 32 pixels. */
  readonly apSmall: number;
  /** AP@[.50:.95] of objects from 32 x 32 to 96 x 96 pixels. */
  readonly apMedium: number;
  /** AP@[.50:.95] of objects from 96 x 96 pixels. */
  readonly apLarge: number;
  /** Mean recall over ten IoU thresholds with the most confident detection of each picture and class. */
  readonly ar1: number;
  /** Mean recall with the 10 most confident. */
  readonly ar10: number;
  /** Mean recall with the 100 most confident. */
  readonly ar100: number;
  /** `ar100` of objects as small as those of `apSmall`. */
  readonly arSmall: number;
  /** `ar100` of objects as those of `apMedium`. */
  readonly arMedium: number;
  /** `ar100` of objects as large as those of `apLarge`. */
  readonly arLarge: number;
}

/** Result of {@link evaluateCoco}: means over the classes that have objects, and each class. */
export interface CocoResult extends CocoFigures {
  /** One entry a class, in the order of the evaluation index. */
  readonly classes: readonly (CocoFigures & {
    /** Name of the class. */
    readonly name: string;
    /** Objects that count: those that aren't difficult. */
    readonly objects: number;
  })[];
}

/**
 * Average precision and recall by the rules of COCO (Lin et al., ECCV 2014): ten IoU thresholds from .50 to .95,
 * precision read at 101 recall points, at most 100 detections a picture and class, objects by size. Difficult objects
 * are COCO's `ignore`.
 *
 * @param detections - Made with `groundTruth.index`.
 * @param groundTruth - Every picture that was looked at, those without objects too.
 * @throws UserError for tables of different evaluation indexes.
 */
export function evaluateCoco(detections: DetectionTable, groundTruth: GroundTruthTable): CocoResult {
  requireSameIndex(detections, groundTruth);
  const classes = groundTruth.index.classes.map((name, classIndex) => {
    const counts = countCocoClass(detections, groundTruth, classIndex);
    return { name, objects: counts.objects[0], ...figuresOf(counts) };
  });
  const mean = (figure: keyof CocoFigures) => meanOfNumbers(classes.map((result) => result[figure]));
  return {
    ap: mean('ap'),
    ap50: mean('ap50'),
    ap75: mean('ap75'),
    apSmall: mean('apSmall'),
    apMedium: mean('apMedium'),
    apLarge: mean('apLarge'),
    ar1: mean('ar1'),
    ar10: mean('ar10'),
    ar100: mean('ar100'),
    arSmall: mean('arSmall'),
    arMedium: mean('arMedium'),
    arLarge: mean('arLarge'),
    classes,
  };
}

function figuresOf(counts: CocoClassCounts): CocoFigures {
  const aps = AREA_RANGES.map((_, range) =>
    IOU_THRESHOLDS.map((_, threshold) => interpolatedAp(counts, range, threshold)),
  );
  // By number of detections: 1, 10, 100.
  const recalls = AREA_RANGES.map((_, range) =>
    counts.found[range].map((found) => meanOfNumbers(Array.from(found, (n) => n / counts.objects[range]))),
  );
  return {
    ap: meanOfNumbers(aps[0]),
    ap50: aps[0][0],
    ap75: aps[0][5],
    apSmall: meanOfNumbers(aps[1]),
    apMedium: meanOfNumbers(aps[2]),
    apLarge: meanOfNumbers(aps[3]),
    ar1: recalls[0][0],
    ar10: recalls[0][1],
    ar100: recalls[0][2],
    arSmall: recalls[1][2],
    arMedium: recalls[2][2],
    arLarge: recalls[3][2],
  };
}

/** Mean over the recall points of the largest precision at or beyond each. */
function interpolatedAp(
  { objects, found, precision }: CocoClassCounts,
  range: number,
  threshold: number,
): number {
  const total = objects[range];
  if (total === 0) return Number.NaN;
  const count = found[range][2][threshold];
  const recall = new Float64Array(count);
  for (let place = 0; place < count; place++) recall[place] = (place + 1) / total;
  const curve = { precision: precision[range][threshold].subarray(0, count), recall };
  return meanOfNumbers(interpolatedPrecision(curve, RECALL_POINTS));
}
