import { requireSameIndex } from '../matchDetections';
import type { DetectionTable } from './detectionTable';
import { type EvaluationIndex, evaluationIndex } from './evaluationIndex';
import type { GroundTruthTable } from './groundTruthTable';

/** The part of an evaluation that belongs to one year's folder. */
export interface YearPart {
  /** Name of the folder, such as `VOC2012`; empty if the keys have no folder. */
  readonly year: string;
  /** Its objects, with an index of its own. */
  readonly groundTruth: GroundTruthTable;
  /** Detections in its pictures, with the same index. */
  readonly detections: DetectionTable;
}

/** Name of the year's folder in a picture's key: `VOC2012` of `VOC2012/2007_000032`, empty if there is none. */
export function yearOf(key: string): string {
  return key.slice(0, Math.max(0, key.lastIndexOf('/')));
}

/** The picture's id within its year: `2007_000032` of `VOC2012/2007_000032`. */
export function idOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}

/** Years of the pictures in ascending order. */
export function yearsOf({ keys }: EvaluationIndex): string[] {
  return [...new Set(keys.map(yearOf))].sort();
}

/**
 * Splits pooled tables into those of each year, in ascending order, to show each beside the pooled result.
 *
 * @param detections - Made with `groundTruth.index`.
 * @throws UserError for tables of different evaluation indexes.
 */
export function splitByYear(detections: DetectionTable, groundTruth: GroundTruthTable): YearPart[] {
  requireSameIndex(detections, groundTruth);
  const { keys, classes } = groundTruth.index;
  return yearsOf(groundTruth.index).map((year) => {
    const index = evaluationIndex(
      keys.filter((key) => yearOf(key) === year),
      classes,
    );
    // Number of each pooled picture in the part, -1 for those of other years.
    const numbers = Int32Array.from(keys, (key) => index.pictureOf(key) ?? -1);
    return {
      year,
      groundTruth: partOfGroundTruth(groundTruth, index, numbers),
      detections: partOfDetections(detections, index, numbers),
    };
  });
}

function partOfGroundTruth(
  whole: GroundTruthTable,
  index: EvaluationIndex,
  numbers: Int32Array,
): GroundTruthTable {
  const rows = rowsOf(whole.picture, numbers);
  const picture = Int32Array.from(rows, (row) => numbers[whole.picture[row]]);
  const classIndex = Int32Array.from(rows, (row) => whole.classIndex[row]);
  const offsets = new Int32Array(index.classes.length * index.keys.length + 1);
  rows.forEach((_, place) => {
    offsets[classIndex[place] * index.keys.length + picture[place] + 1]++;
  });
  for (let cell = 1; cell < offsets.length; cell++) offsets[cell] += offsets[cell - 1];
  return {
    index,
    length: rows.length,
    picture,
    classIndex,
    boxes: boxesOf(whole.boxes, rows),
    difficult: Uint8Array.from(rows, (row) => whole.difficult[row]),
    crowd: Uint8Array.from(rows, (row) => whole.crowd[row]),
    area: Float64Array.from(rows, (row) => whole.area[row]),
    offsets,
  };
}

function partOfDetections(
  whole: DetectionTable,
  index: EvaluationIndex,
  numbers: Int32Array,
): DetectionTable {
  const rows = rowsOf(whole.picture, numbers);
  const places = new Map([...rows].map((row, place) => [row, place]));
  return {
    index,
    length: rows.length,
    picture: Int32Array.from(rows, (row) => numbers[whole.picture[row]]),
    classIndex: Int32Array.from(rows, (row) => whole.classIndex[row]),
    score: Float64Array.from(rows, (row) => whole.score[row]),
    boxes: boxesOf(whole.boxes, rows),
    added: whole.added.filter((row) => places.has(row)).map((row) => places.get(row)!),
  };
}

/** Rows of pictures that have a number in the part. Both keep their order, since keys are sorted. */
function rowsOf(picture: Int32Array, numbers: Int32Array): Int32Array {
  let count = 0;
  const rows = new Int32Array(picture.length);
  for (let row = 0; row < picture.length; row++) if (numbers[picture[row]] >= 0) rows[count++] = row;
  return rows.slice(0, count);
}

function boxesOf(boxes: Float64Array, rows: Int32Array): Float64Array {
  const part = new Float64Array(4 * rows.length);
  rows.forEach((row, index) => {
    part.set(boxes.subarray(4 * row, 4 * row + 4), 4 * index);
  });
  return part;
}
