import { IGNORED, matchDetections, TRUE_POSITIVE } from './matchDetections';
import type { DetectionTable } from './table/detectionTable';
import type { GroundTruthTable } from './table/groundTruthTable';

/** From which score on detections are shown, and what they are worth then. */
export interface ScoreCut {
  /** Least score of what is shown. */
  readonly score: number;
  /** True positives by all that is shown, 0..1. */
  readonly precision: number;
  /** True positives by objects that count, 0..1. */
  readonly recall: number;
}

/**
 * The score cut that gives the best balance of precision and recall, as the largest F1 = 2TP / (shown + objects) over the
 * detections of all classes together by the VOC rules at IoU .5. It lies at a score between the last detection that is shown and
 * the next.
 *
 * @returns Undefined where no detection finds an object.
 * @throws UserError for tables of different evaluation indexes.
 */
export function bestScoreCut(
  detections: DetectionTable,
  groundTruth: GroundTruthTable,
): ScoreCut | undefined {
  let objects = 0;
  const counted: { score: number; found: boolean }[] = [];
  groundTruth.index.classes.forEach((_, classIndex) => {
    const matched = matchDetections(detections, groundTruth, classIndex, 0.5);
    objects += matched.objects;
    matched.rows.forEach((row, place) => {
      const outcome = matched.outcome[place];
      if (outcome !== IGNORED) {
        counted.push({ score: detections.score[row], found: outcome === TRUE_POSITIVE });
      }
    });
  });
  counted.sort((a, b) => b.score - a.score);
  let [found, best, cut] = [0, 0, undefined as ScoreCut | undefined];
  counted.forEach((detection, place) => {
    if (detection.found) found += 1;
    const next = counted[place + 1]?.score ?? 0;
    // Detections of one score are shown together or not at all.
    if (next === detection.score) return;
    const shown = place + 1;
    const f1 = (2 * found) / (shown + objects);
    if (f1 > best) {
      best = f1;
      cut = { score: (detection.score + next) / 2, precision: found / shown, recall: found / objects };
    }
  });
  return cut;
}
