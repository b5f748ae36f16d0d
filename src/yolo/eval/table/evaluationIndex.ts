import { CLASSES, checkArguments, FUNCTION, listOf, record } from '../../core/arguments';
import { UserError } from '../../core/errors';

/** The pictures and classes of an evaluation, numbered: tables hold these numbers instead of names. */
export interface EvaluationIndex {
  /** Keys of the pictures in ascending order (by UTF-16 code unit), each once; a picture's number is its place here. */
  readonly keys: readonly string[];
  /** Class names in the order that numbers them. */
  readonly classes: readonly string[];
  /** Number of a picture, undefined for an unknown one. @param key - Such as `VOC2012/2007_000032`. */
  pictureOf(key: string): number | undefined;
}

export const INDEX = record('an evaluation index', {
  ...{ keys: listOf('a list'), classes: listOf('a list') },
  pictureOf: FUNCTION,
});
const KEYS = listOf('a list of picture keys', (key) => typeof key === 'string');

/**
 * Numbers pictures and classes.
 *
 * Keys are sorted, so that what depends on the order of pictures (equal confidences) doesn't depend on the order in
 * which they were read.
 *
 * @param keys - Picture keys, such as `VOC2012/2007_000032`, in any order.
 * @param classes - Class names in the order that numbers them.
 * @throws UserError if there is no class, or a key or a class stands twice.
 */
export function evaluationIndex(keys: readonly string[], classes: readonly string[]): EvaluationIndex {
  checkArguments('evaluationIndex', { keys, classes }, { keys: KEYS, classes: CLASSES });
  if (classes.length === 0) throw new UserError('classes: is empty, expected at least one class name');
  const twice = classes.find((name, index) => classes.indexOf(name) !== index);
  if (twice !== undefined) throw new UserError(`classes: '${twice}' stands twice, expected each name once`);
  const sorted = [...keys].sort(byCodeUnit);
  const numbers = new Map(sorted.map((key, index) => [key, index]));
  if (numbers.size < sorted.length) {
    const key = sorted.find((candidate, index) => candidate === sorted[index + 1]);
    throw new UserError(`keys: picture '${key}' stands twice, expected each key once`);
  }
  return { keys: sorted, classes: [...classes], pictureOf: (key) => numbers.get(key) };
}

/** Whether two indexes number the same pictures and classes. */
export function isSameIndex(a: EvaluationIndex, b: EvaluationIndex): boolean {
  return a === b || (isSameList(a.keys, b.keys) && isSameList(a.classes, b.classes));
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
