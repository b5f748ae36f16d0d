import type { AnnotatedItem } from '../../data/dataset';
import { gridObjectsOf } from '../../data/gridObjects';
import { encodeGrid } from '../../grid/gridTarget';
import { evaluateAsOriginal } from '../original';
import { type DetectionTable, detectionTable } from '../table/detectionTable';
import { groundTruthTable } from '../table/groundTruthTable';
import { evaluateVoc } from '../voc';
import type { PictureDetections } from './evaluation';

/**
 * mAP@.5 of the same predictions by the VOC rules, with one point at a time changed to what the original's code does,
 * and with all of them.
 */
export interface OriginalEvaluation {
  /** By the VOC rules themselves. */
  voc: number;
  /** Only scores above .4 count. */
  scoreCut: number;
  /** Of a cell's boxes only the more confident one. */
  oneBoxACell: number;
  /**
   * Of the objects with their centre in one cell only the first is known; the others are false positives when found.
   */
  gridGroundTruth: number;
  /** Difficult objects count like others. */
  difficultCounts: number;
  /** Difficult objects count, and the area is that under the raw precision/recall points joined by straight lines. */
  trapezoid: number;
  /** All of these points: the number that the original would have printed. */
  all: number;
}

const SCORE_CUT = 0.4;

/** What the original's rules are applied to. */
export interface OriginalInputs {
  items: readonly AnnotatedItem[];
  classes: readonly string[];
  /** Detections of the more confident box of each cell only. */
  oneBox: readonly PictureDetections[];
  /** Cells per side of the grid from which the ground truth is read back. */
  gridSize: number;
}

/** mAP@.5 by all of the original's rules: the number that it would have printed. */
export function originalMap({ items, classes, oneBox, gridSize }: OriginalInputs): number {
  const seen = groundTruthTable(seenByGrid(items, classes, gridSize), classes);
  return evaluateAsOriginal(detectionTable(seen.index, oneBox), seen, { scoreThreshold: SCORE_CUT }).map;
}

/** @param detections - Of all boxes. */
export function evaluateOriginalPoints(
  detections: readonly PictureDetections[],
  inputs: OriginalInputs,
): OriginalEvaluation {
  const { items, classes, oneBox, gridSize } = inputs;
  const truth = groundTruthTable(items, classes);
  const seen = groundTruthTable(seenByGrid(items, classes, gridSize), classes);
  const table = (found: readonly PictureDetections[]): DetectionTable => detectionTable(truth.index, found);
  const cut = detections.map(({ key, detections: list }) => ({
    key,
    detections: list.filter(({ score }) => score > SCORE_CUT),
  }));
  const every = table(detections);
  return {
    voc: evaluateVoc(every, truth).map,
    scoreCut: evaluateVoc(table(cut), truth).map,
    oneBoxACell: evaluateVoc(table(oneBox), truth).map,
    gridGroundTruth: evaluateVoc(every, seen).map,
    difficultCounts: evaluateVoc(every, { ...truth, difficult: new Uint8Array(truth.length) }).map,
    trapezoid: evaluateAsOriginal(every, truth, { scoreThreshold: Number.MIN_VALUE }).map,
    all: originalMap(inputs),
  };
}

/** The pictures with the objects that are left when each cell remembers the first of its own only. */
function seenByGrid(
  items: readonly AnnotatedItem[],
  classes: readonly string[],
  gridSize: number,
): AnnotatedItem[] {
  const { lost } = encodeGrid(
    items.map(({ annotation }) => gridObjectsOf(annotation, classes)),
    { gridSize, classes: classes.length, collision: 'first' },
  );
  const gone = new Set(lost.map(({ picture, object }) => `${picture} ${object}`));
  return items.map((item, picture) => ({
    ...item,
    annotation: {
      ...item.annotation,
      objects: item.annotation.objects.filter((_, object) => !gone.has(`${picture} ${object}`)),
    },
  }));
}
