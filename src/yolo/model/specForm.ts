import * as v from 'valibot';
import { fields, numberFrom, oneOf, wholeFrom } from '../core/form';

/** Largest sizes that a network may have: beyond them no machine holds one, and a typing error is likelier. */
export const MOST = { pixels: 8192, cells: 1024, boxes: 256, width: 65_536 };
/** The largest float32 below 1: Adam divides by what an average's share lacks of 1, and backends compute in float32. */
export const BELOW_ONE = 1 - 2 ** -24;

const wholes = (least: number, most: number, words: string) => v.array(wholeFrom(least, most), words);

/** Fields that describe a network without its classes: type, range and choices of each. */
export const MODEL_FIELDS = {
  backbone: oneOf(['resnet18', 'baseline']),
  head: oneOf(['convolutional', 'fullyConnected', 'decoupled']),
  inputSize: wholeFrom(1, MOST.pixels),
  gridSize: wholeFrom(1, MOST.cells),
  predictors: wholeFrom(1, MOST.boxes),
  norm: v.optional(oneOf(['batch', 'group', 'none'])),
  strides: v.optional(wholes(1, MOST.pixels, 'a list of strides, such as [16, 32]')),
  objectness: v.optional(v.boolean('true or false')),
  headWidth: v.optional(wholeFrom(1, MOST.width)),
  headConvolutions: v.optional(wholes(1, MOST.width, 'a list of numbers of filters')),
  dropout: v.optional(numberFrom(0, BELOW_ONE)),
};

/** A list of class names. @param end - Added to the words that say what it must be. */
export function classNames(end = '') {
  const words = `a list of class names, each once${end}`;
  return v.pipe(
    v.array(v.pipe(v.string('a text'), v.nonEmpty('a text')), words),
    v.nonEmpty(words),
    v.check((names) => new Set(names).size === names.length, words),
  );
}

/** A network's description. */
export const SPEC_FORM = fields({ ...MODEL_FIELDS, classes: classNames() });
