import * as v from 'valibot';
import { UserError } from './errors';
import { firstFaultIn } from './form';

export const TEXT = v.string('a text');
export const PATH = v.pipe(v.string('a path'), v.nonEmpty('a path'));
export const FLAG = v.boolean('true or false');
export const FUNCTION = v.function('a function');
/** A number that is neither NaN nor infinite. */
export const FINITE = v.pipe(v.number('a number'), v.finite('a finite number'));
/** A whole number above 0. */
export const COUNT = v.custom(
  (value) => Number.isInteger(value) && (value as number) > 0,
  'a whole number above 0',
);
/** Numbers in a list or a typed array. */
export const NUMBERS = v.custom(
  (value) => isTypedArray(value) || (Array.isArray(value) && value.every((one) => typeof one === 'number')),
  'a list of numbers',
);
export const INT32S = v.instance(Int32Array, 'an Int32Array');
export const FLOAT64S = v.instance(Float64Array, 'a Float64Array');
export const CLASSES = listOf('a list of class names', (name) => typeof name === 'string');
/** What random numbers start from. */
export const SEED = v.custom(
  (value) => typeof value === 'string' || Number.isFinite(value),
  'a number or a text',
);
export const SIGNAL = v.instance(AbortSignal, 'an AbortSignal');

/** A list. @param words - What it is. @param isOne - Whether it may hold this. @param least - Fewest of them. */
export function listOf(words: string, isOne: (value: unknown) => boolean = () => true, least = 0) {
  return v.custom((value) => Array.isArray(value) && value.length >= least && value.every(isOne), words);
}

/** A tensor of any shape. @param words - What it is. */
export function tensor(words: string) {
  return v.custom((value) => {
    const { shape, dtype } = Object(value);
    return Array.isArray(shape) && typeof dtype === 'string';
  }, words);
}

/** Whether a value has fields. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** An object with at least these fields. @param words - What it is. */
export function record(words: string, entries: v.ObjectEntries = {}) {
  const isRecord = (value: unknown) => isObject(value) && !Array.isArray(value);
  return v.pipe(v.custom<Readonly<Record<string, unknown>>>(isRecord, words), v.object(entries, words));
}

/** An object whose fields may all be left out. */
export function allOptional(entries: v.ObjectEntries) {
  const optional = Object.entries(entries).map(([name, form]) => [name, v.optional(form)]);
  return record('an object', Object.fromEntries(optional));
}

/**
 * Check what a public function was given. Its caller is told of the first argument that is not what it should be.
 *
 * @param call - Name of the function.
 * @param given - Arguments by name.
 * @param forms - What each should be.
 * @throws UserError naming function and argument, what was given and what was expected.
 */
export function checkArguments(call: string, given: object, forms: v.ObjectEntries): void {
  const fault = firstFaultIn(v.object(forms), given);
  if (fault !== undefined) throw new UserError(`${call}: ${fault}`);
}

function isTypedArray(value: unknown): boolean {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}
