import { counted } from '../../core/counted';
import { UserError } from '../../core/errors';
import { aroundPoints } from './cocoSource';
import type { SourceObject } from './sourceSet';

/** Farthest share that may be meant: boxes hang over a picture's edge, but not by another picture. */
const FARTHEST = 2;

/** Meaning of the numbers in a label file. */
export interface LabelMeaning {
  /** Class names by number; a number without a name is a class that nothing may be of. */
  readonly classes: readonly string[];
  /** True if points follow each box. */
  readonly hasKeypoints: boolean;
  /** True if a last number is the confidence of a detection. */
  readonly hasConfidence?: boolean;
}

/** One line of a label file. */
export interface Label extends SourceObject {
  /** Only where the lines have one. */
  readonly confidence?: number;
}

/**
 * The objects of one label file in YOLO's form: a line for each, class number, centre and size in shares of the picture's
 * sides; or the points of a polygon, whose box is taken. A detection's confidence is the last number.
 *
 * @throws {@link UserError} naming the line.
 */
export function parseLabels(text: string, meaning: LabelMeaning): Label[] {
  return text.split(/[\r\n]+/).flatMap((raw, index) => {
    const line = raw.trim();
    return line === '' ? [] : [labelOf(line, `line ${index + 1}`, meaning)];
  });
}

function labelOf(line: string, where: string, meaning: LabelMeaning): Label {
  const { classes, hasKeypoints, hasConfidence = false } = meaning;
  const [number, ...values] = line.split(/\s+/).map(Number);
  const name = classes[number];
  if (name === undefined) {
    throw new UserError(
      `${where}: class ${line.split(/\s+/)[0]} is none of the ${Object.keys(classes).length} that are named; name it or correct the line`,
    );
  }
  if (!values.every(Number.isFinite))
    throw new UserError(`${where}: '${line}' holds something else than numbers; correct it`);
  const numbers = hasConfidence ? values.slice(0, -1) : values;
  const far = numbers.slice(0, hasKeypoints ? 4 : undefined).find((value) => Math.abs(value) > FARTHEST);
  if (far !== undefined) {
    throw new UserError(
      `${where}: ${far} is no share of the picture's width or height; expected 0 to 1: divide pixels by them`,
    );
  }
  const common = { name, difficult: false, ...(hasConfidence ? { confidence: values.at(-1) } : {}) };
  if (numbers.length === 4 || (hasKeypoints && numbers.length > 4)) {
    const [x, y, width, height] = numbers;
    return {
      ...common,
      ...{ left: x - width / 2, top: y - height / 2, right: x + width / 2, bottom: y + height / 2 },
    };
  }
  if (numbers.length >= 6 && numbers.length % 2 === 0) return { ...common, ...aroundPoints(numbers) };
  const expected = hasConfidence
    ? '6 (class, centre x, centre y, width, height, confidence), as detectors write them when asked to save confidences'
    : '5 (class, centre x, centre y, width, height) or a class and the points of a polygon';
  throw new UserError(`${where}: has ${counted(values.length + 1, 'number')}, expected ${expected}`);
}
