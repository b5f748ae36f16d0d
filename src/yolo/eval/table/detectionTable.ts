import { checkArguments, FLOAT64S, INT32S, listOf, record } from '../../core/arguments';
import { counted } from '../../core/counted';
import { UserError } from '../../core/errors';
import { wholeFrom } from '../../core/form';
import type { Detection } from '../../grid/detection';
import { isProperBox, requireBox } from './checks';
import { type EvaluationIndex, INDEX } from './evaluationIndex';

/**
 * Detections as columns, sorted by picture and then in the order in which they were added. Not to be changed once made.
 */
export interface DetectionTable {
  /** What the numbers of pictures and classes stand for. */
  readonly index: EvaluationIndex;
  /** Number of detections. */
  readonly length: number;
  /** Picture number of each detection, ascending, shape [n]. */
  readonly picture: Int32Array;
  /** Class number of each detection, shape [n]. */
  readonly classIndex: Int32Array;
  /** Confidence of each detection: any finite number, the larger the more confident; shape [n]. */
  readonly score: Float64Array;
  /** Left, top, right, bottom of each detection in pixels (continuous edges), shape [4n]. */
  readonly boxes: Float64Array;
  /** Rows in the order in which the detections were added, shape [n]. */
  readonly added: Int32Array;
}

export const DETECTION_TABLE = record('a table of detections', {
  ...{ index: INDEX, length: wholeFrom(0), picture: INT32S, classIndex: INT32S },
  ...{ score: FLOAT64S, boxes: FLOAT64S, added: INT32S },
});
const PICTURES = listOf('the detections of each picture, by key', (picture) => {
  const { key, detections } = Object(picture);
  const isDetection = (one: unknown) => typeof Object(one).box === 'object';
  return typeof key === 'string' && Array.isArray(detections) && detections.every(isDetection);
});

/**
 * Makes a table of detections.
 *
 * @param index - The index of the ground truth that they will be compared with.
 * @param pictures - Detections of each picture; pictures without any may be left out.
 * @throws UserError for an unknown picture, a class index out of range, a score that is not finite, a box that is not
 * finite or has no area.
 */
export function detectionTable(
  index: EvaluationIndex,
  pictures: Iterable<{ readonly key: string; readonly detections: readonly Detection[] }>,
): DetectionTable {
  const builder = new DetectionTableBuilder(index);
  const listed = Symbol.iterator in Object(pictures) ? [...pictures] : (pictures as never[]);
  checkArguments('detectionTable', { pictures: listed }, { pictures: PICTURES });
  const numbered = listed.map(({ key, detections }) => {
    const picture = index.pictureOf(key);
    if (picture === undefined) {
      throw new UserError(
        `picture '${key}': is not among the ${counted(index.keys.length, 'picture')} of the ground truth`,
      );
    }
    return { picture, detections };
  });
  // Pictures come in any order, of which no result may depend.
  for (const { picture, detections } of numbered.sort((a, b) => a.picture - b.picture)) {
    for (const { classIndex, score, box } of detections) {
      builder.add(picture, classIndex, score, box.left, box.top, box.right, box.bottom);
    }
  }
  return builder.build();
}

/** Takes detections one by one, without an object for each, and makes a {@link DetectionTable} of them. */
export class DetectionTableBuilder {
  #length = 0;
  #picture = new Int32Array(1024);
  #classIndex = new Int32Array(1024);
  #score = new Float64Array(1024);
  #boxes = new Float64Array(4 * 1024);

  /**
   * @param index - The index of the ground truth that detections will be compared with.
   * @throws UserError for anything but an index.
   */
  constructor(readonly index: EvaluationIndex) {
    checkArguments('DetectionTableBuilder', { index }, { index: INDEX });
  }

  /**
   * Adds a detection.
   *
   * @param picture - Number of the picture, `index.pictureOf(key)`.
   * @param classIndex - Number of the class, its place in `index.classes`.
   * @param score - Any finite number, the larger the more confident.
   * @param left - Left edge in pixels, continuous as the others are; see `Box`.
   * @param top - Upper edge.
   * @param right - Right edge.
   * @param bottom - Lower edge.
   * @throws UserError for a picture or class number out of range, a score that is not finite, a box that is not finite
   * or has no area.
   */
  add(
    picture: number,
    classIndex: number,
    score: number,
    left: number,
    top: number,
    right: number,
    bottom: number,
  ): void {
    const { keys, classes } = this.index;
    if (!(Number.isInteger(picture) && picture >= 0 && picture < keys.length)) {
      throw new UserError(`picture: is ${picture}, expected a whole number from 0 to ${keys.length - 1}`);
    }
    if (!(Number.isInteger(classIndex) && classIndex >= 0 && classIndex < classes.length)) {
      throw new UserError(
        `${this.#next(picture)}: classIndex is ${classIndex}, expected a whole number from 0 to ${classes.length - 1}`,
      );
    }
    if (!Number.isFinite(score)) {
      throw new UserError(`${this.#next(picture)}: score is ${score}, expected a finite number`);
    }
    if (!isProperBox(left, top, right, bottom)) {
      requireBox({ left, top, right, bottom }, this.#next(picture));
    }
    const row = this.#length++;
    if (row === this.#score.length) this.#grow();
    this.#picture[row] = picture;
    this.#classIndex[row] = classIndex;
    this.#score[row] = score;
    const edge = 4 * row;
    this.#boxes[edge] = left;
    this.#boxes[edge + 1] = top;
    this.#boxes[edge + 2] = right;
    this.#boxes[edge + 3] = bottom;
  }

  /** The table of all detections added so far. */
  build(): DetectionTable {
    const n = this.#length;
    const order = this.#rowsByPicture();
    const table = {
      index: this.index,
      length: n,
      picture: new Int32Array(n),
      classIndex: new Int32Array(n),
      score: new Float64Array(n),
      boxes: new Float64Array(4 * n),
      added: new Int32Array(n),
    };
    for (let row = 0; row < n; row++) {
      const from = order[row];
      table.added[from] = row;
      table.picture[row] = this.#picture[from];
      table.classIndex[row] = this.#classIndex[from];
      table.score[row] = this.#score[from];
      for (let edge = 0; edge < 4; edge++) table.boxes[4 * row + edge] = this.#boxes[4 * from + edge];
    }
    return table;
  }

  /** What errors call the detection that is being added. */
  #next(picture: number): string {
    return `picture '${this.index.keys[picture]}', detection ${this.#length}`;
  }

  #rowsByPicture(): Int32Array {
    const next = new Int32Array(this.index.keys.length + 1);
    for (let row = 0; row < this.#length; row++) next[this.#picture[row] + 1]++;
    for (let picture = 1; picture < next.length; picture++) next[picture] += next[picture - 1];
    const order = new Int32Array(this.#length);
    for (let row = 0; row < this.#length; row++) order[next[this.#picture[row]]++] = row;
    return order;
  }

  #grow(): void {
    const capacity = 2 * this.#score.length;
    const grown = <T extends Int32Array | Float64Array>(larger: T, column: T): T => {
      larger.set(column);
      return larger;
    };
    this.#picture = grown(new Int32Array(capacity), this.#picture);
    this.#classIndex = grown(new Int32Array(capacity), this.#classIndex);
    this.#score = grown(new Float64Array(capacity), this.#score);
    this.#boxes = grown(new Float64Array(4 * capacity), this.#boxes);
  }
}
