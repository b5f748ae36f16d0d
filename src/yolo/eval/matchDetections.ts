import * as v from 'valibot';
import { checkArguments } from '../core/arguments';
import { counted } from '../core/counted';
import { UserError } from '../core/errors';
import { iouAt } from '../grid/iou';
import { DETECTION_TABLE, type DetectionTable } from './table/detectionTable';
import { isSameIndex } from './table/evaluationIndex';
import { GROUND_TRUTH, type GroundTruthTable } from './table/groundTruthTable';
import { rank } from './table/ranking';

/** Outcome by the VOC rules of a detection that finds no object, or one that is found already. */
export const FALSE_POSITIVE = 0;
/** Outcome of the most confident detection that finds an object. */
export const TRUE_POSITIVE = 1;
/** Outcome of a detection of a difficult object: neither counted nor punished. */
export const IGNORED = 2;

/** The detections of one class from the most confident one down, with what the VOC rules say of each. */
export interface MatchedDetections {
  /** Rows of the detection table. */
  readonly rows: Int32Array;
  /** {@link FALSE_POSITIVE}, {@link TRUE_POSITIVE} or {@link IGNORED} for each of the rows. */
  readonly outcome: Uint8Array;
  /** Objects of the class that count: those that aren't difficult. */
  readonly objects: number;
}

/**
 * Judges the detections of one class by the rules of the VOC development kit.
 *
 * By descending score, each detection takes the object of its class and picture with the largest IoU (the first of
 * several), whether that one is matched already or not. Below the threshold it is a false positive; on a difficult
 * object it is ignored, however often; on a matched object it is a false positive; else a true positive.
 *
 * @param detections - Made with `groundTruth.index`.
 * @param groundTruth - Every picture that was looked at, those without objects too.
 * @param classIndex - Number of the class in the index.
 * @param iouThreshold - IoU from which an object counts as found, above 0, up to 1.
 * @throws UserError for tables of different evaluation indexes, a class or a threshold out of range.
 */
export function matchDetections(
  detections: DetectionTable,
  groundTruth: GroundTruthTable,
  classIndex: number,
  iouThreshold: number,
): MatchedDetections {
  requireSameIndex(detections, groundTruth);
  requireThreshold(iouThreshold);
  const classCount = groundTruth.index.classes.length;
  if (!(Number.isInteger(classIndex) && classIndex >= 0 && classIndex < classCount)) {
    throw new UserError(`classIndex: is ${classIndex}, expected a whole number from 0 to ${classCount - 1}`);
  }
  const { offsets, boxes, difficult } = groundTruth;
  const { rows: all, starts } = rank(detections, 'added');
  const rows = all.subarray(starts[classIndex], starts[classIndex + 1]);
  const firstCell = classIndex * groundTruth.index.keys.length;
  const firstObject = offsets[firstCell];
  const endObject = offsets[firstCell + groundTruth.index.keys.length];
  const matched = new Uint8Array(endObject - firstObject);
  const outcome = new Uint8Array(rows.length);
  for (let place = 0; place < rows.length; place++) {
    const row = rows[place];
    const cell = firstCell + detections.picture[row];
    let largest = 0;
    let nearest = -1;
    for (let object = offsets[cell]; object < offsets[cell + 1]; object++) {
      const overlap = iouAt(detections.boxes, row, boxes, object);
      if (overlap > largest) {
        largest = overlap;
        nearest = object;
      }
    }
    if (nearest < 0 || largest < iouThreshold) continue;
    if (difficult[nearest] !== 0) outcome[place] = IGNORED;
    else if (matched[nearest - firstObject] === 0) {
      matched[nearest - firstObject] = 1;
      outcome[place] = TRUE_POSITIVE;
    }
  }
  let objects = 0;
  for (let object = firstObject; object < endObject; object++) objects += 1 - difficult[object];
  return { rows, outcome, objects };
}

const TABLES = { detections: DETECTION_TABLE, groundTruth: GROUND_TRUTH };

/** @throws UserError for anything but tables, and if they number pictures or classes differently. */
export function requireSameIndex(detections: DetectionTable, groundTruth: GroundTruthTable): void {
  checkArguments('evaluation', { detections, groundTruth }, TABLES);
  if (isSameIndex(detections.index, groundTruth.index)) return;
  const size = ({ keys, classes }: DetectionTable['index']) =>
    `${counted(keys.length, 'picture')} and ${counted(classes.length, 'class', 'classes')}`;
  throw new UserError(
    `detections: belong to another evaluation index (${size(detections.index)}) than the ground truth (${size(groundTruth.index)}); make them with groundTruth.index`,
  );
}

const SHARE = 'a number above 0, up to 1';
/** An IoU from which an object counts as found. */
export const THRESHOLD = v.pipe(v.number(SHARE), v.gtValue(0, SHARE), v.maxValue(1, SHARE));

/** @throws UserError for a threshold that is not in (0, 1]. */
export function requireThreshold(iouThreshold: number): void {
  checkArguments('evaluation', { iouThreshold }, { iouThreshold: THRESHOLD });
}
