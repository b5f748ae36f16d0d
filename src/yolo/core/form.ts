/**
 * Checks of objects that come from outside, with errors in words: forms of `valibot`.
 *
 * @module yolov1/form
 */
import { closest } from 'fastest-levenshtein';
import * as v from 'valibot';
import { shown, UserError } from './errors';

export { counted } from './counted';

/** Parts the names that a form's message carries; no name holds it. */
const BETWEEN = '\n';

/**
 * An object with these fields and no others. Names that every object inherits, such as `constructor`, are others too.
 *
 * @param entries - The form of each field, by its name.
 */
export function fields(entries: v.ObjectEntries) {
  const own: v.ObjectEntries = Object.assign(Object.create(null), entries);
  return v.strictObject(own, Object.keys(entries).join(BETWEEN));
}

/**
 * An object of one of several kinds, which its field `kind` names.
 *
 * @param kinds - The other fields of each, by the kind's name.
 */
export function oneOfKinds(kinds: Readonly<Record<string, v.ObjectEntries>>) {
  const options = Object.entries(kinds).map(([kind, entries]) => {
    const { entries: own, ...rest } = fields({ kind: v.literal(kind), ...entries });
    return { ...rest, entries: own as { kind: v.LiteralSchema<string, undefined> } };
  });
  return v.variant('kind', options, Object.keys(kinds).join(BETWEEN));
}

/**
 * A finite number.
 *
 * @param least - Included.
 * @param most - Included.
 * @param end - What a message says behind the range, such as `, or null`.
 */
export function numberFrom(least: number, most = Number.MAX_VALUE, end = '') {
  const words = `a number, ${least} ${most === Number.MAX_VALUE ? 'or more' : `to ${most}`}${end}`;
  return v.pipe(v.number(words), v.minValue(least, words), v.maxValue(most, words));
}

/**
 * A finite number above a bound.
 *
 * @param bound - Not included.
 * @param end - What a message says behind the range, such as `, or null`.
 */
export function numberAbove(bound: number, end = '') {
  const words = `a number above ${bound}${end}`;
  return v.pipe(v.number(words), v.gtValue(bound, words), v.maxValue(Number.MAX_VALUE, words));
}

/**
 * A whole number.
 *
 * @param least - Included.
 * @param most - Included.
 * @param end - What a message says behind the range, such as `, or null`.
 */
export function wholeFrom(least: number, most = Number.MAX_SAFE_INTEGER, end = '') {
  const words = `${least === 1 ? 'a whole number above 0' : `a whole number, ${least} or more`}${end}`;
  const above = `a whole number, at most ${most}${end}`;
  return v.pipe(v.number(words), v.safeInteger(words), v.minValue(least, words), v.maxValue(most, above));
}

/** One of a few texts. @param choices - The nearest is proposed where another is given. */
export function oneOf(choices: readonly string[]) {
  return v.picklist(choices, choices.join(BETWEEN));
}

/** A list in words: `a, b or c`. @param word - Stands before the last. Default `or`. */
export function inWords(list: readonly string[], word = 'or'): string {
  return list.length < 2 ? list.join() : `${list.slice(0, -1).join(', ')} ${word} ${list.at(-1)}`;
}

/**
 * Check that a value has a form. All faults are named at once: the field, what it is, what it should be.
 *
 * @param form - Such as {@link fields} makes.
 * @param value - Anything.
 * @param place - What the value is, for the message, such as `config`.
 * @throws UserError with one line for all faults.
 */
export function checkForm(form: v.GenericSchema, value: unknown, place: string): void {
  const faults = faultsIn(form, value);
  if (faults.length > 0) {
    throw new UserError(`${place}: ${faults.join('; ')}`);
  }
}

/** What keeps a value from having a form, one entry a fault. @param form - Such as {@link fields} makes. */
export function faultsIn(form: v.GenericSchema, value: unknown): string[] {
  return (v.safeParse(form, value).issues ?? []).map(faultOf);
}

/** The first thing that keeps a value from having a form; nothing behind it is checked. */
export function firstFaultIn(form: v.GenericSchema, value: unknown): string | undefined {
  const { issues } = v.safeParse(form, value, { abortEarly: true });
  return issues && faultOf(issues[0]);
}

function faultOf(issue: v.BaseIssue<unknown>): string {
  const path = (issue.path ?? []) as { key: unknown; origin: string }[];
  const keys = path.map(({ key }) => shown(String(key)).slice(1, -1));
  const name = keys.join('.');
  const names = issue.message.split(BETWEEN);
  if (path.at(-1)?.origin === 'key') {
    if (issue.expected !== 'never') return `'${name}' is missing`;
    const near = closest(keys.at(-1)!, names);
    return `unknown field '${name}'; did you mean '${[...keys.slice(0, -1), near].join('.')}'?`;
  }
  const start = `${name || 'it'} is ${shown(issue.input)}, expected `;
  if (issue.type === 'strict_object') return `${start}an object`;
  if (issue.type !== 'picklist' && issue.type !== 'variant') return start + issue.message;
  // A variant's issue is about the field that tells its kinds apart, whose value it doesn't hold where that is missing.
  const hint = typeof issue.input === 'string' ? `; did you mean '${closest(issue.input, names)}'?` : '';
  return `${start}${inWords(names)}${hint}`;
}
