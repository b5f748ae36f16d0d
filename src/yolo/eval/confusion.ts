import { iouAt } from '../grid/iou';
import { requireSameIndex, requireThreshold } from './matchDetections';
import type { DetectionTable } from './table/detectionTable';
import type { GroundTruthTable } from './table/groundTruthTable';

/** What objects of each class were taken for. */
export interface Confusion {
  /** Class names in index order, C of them. */
  readonly classes: readonly string[];
  /**
   * Objects by their class (row) and that of the detection that was left for them (column), shape [C + 1][C + 1]. The last
   * column has the objects that nothing was left for, the last row the detections that no object was left for.
   */
  readonly counts: readonly (readonly number[])[];
}

/** Options of {@link confusion}. */
export interface ConfusionOptions {
  /** Detections with a lower score are left out. */
  scoreCut: number;
  /** IoU from which a detection lies on an object, above 0, up to 1. Default: 0.5. */
  iouThreshold?: number;
}

/**
 * Counts which classes are taken for which, as a detector shows them at a score cut.
 *
 * From the most confident detection down, each takes the object of its own class with the largest IoU among those that are
 * left; what is left of both is then matched in the same order, whatever the classes. So an object that was found does not
 * count as confused for another detection that lies on it as well: that one counts as one of the background. Objects that
 * are difficult count neither way.
 *
 * @throws UserError for tables of different evaluation indexes or a threshold out of range.
 */
export function confusion(
  detections: DetectionTable,
  groundTruth: GroundTruthTable,
  { scoreCut, iouThreshold = 0.5 }: ConfusionOptions,
): Confusion {
  requireSameIndex(detections, groundTruth);
  requireThreshold(iouThreshold);
  const { classes, keys } = groundTruth.index;
  const background = classes.length;
  const counts = Array.from({ length: background + 1 }, () => new Array<number>(background + 1).fill(0));
  const shown = rowsByPicture(detections.picture, keys.length, (row) => detections.score[row] >= scoreCut);
  const objects = rowsByPicture(groundTruth.picture, keys.length, () => true);
  for (let picture = 0; picture < keys.length; picture++) {
    const left = new Set(objects[picture]);
    let waiting = shown[picture].sort((a, b) => detections.score[b] - detections.score[a]);
    for (const ownClass of [true, false]) {
      waiting = waiting.filter((row) => {
        let largest = iouThreshold;
        let nearest: number | undefined;
        for (const object of left) {
          if (ownClass && groundTruth.classIndex[object] !== detections.classIndex[row]) continue;
          const overlap = iouAt(detections.boxes, row, groundTruth.boxes, object);
          if (overlap < largest || (overlap === largest && nearest !== undefined)) continue;
          largest = overlap;
          nearest = object;
        }
        if (nearest === undefined) return true;
        // However many detections find a difficult object, none of them is wrong.
        if (groundTruth.difficult[nearest] === 1) return false;
        left.delete(nearest);
        counts[groundTruth.classIndex[nearest]][detections.classIndex[row]]++;
        return false;
      });
    }
    for (const row of waiting) counts[background][detections.classIndex[row]]++;
    for (const object of left) {
      if (groundTruth.difficult[object] === 0) counts[groundTruth.classIndex[object]][background]++;
    }
  }
  return { classes, counts };
}

/** Rows of each picture that pass, in the table's order. */
function rowsByPicture(picture: Int32Array, pictures: number, passes: (row: number) => boolean): number[][] {
  const rows = Array.from({ length: pictures }, (): number[] => []);
  picture.forEach((number, row) => {
    if (passes(row)) rows[number].push(row);
  });
  return rows;
}
