import { closest } from 'fastest-levenshtein';
import { checkArguments, record } from '../core/arguments';
import { shown, UserError } from '../core/errors';

/**
 * A mistake in a loss's options. They come from the user's configuration, so it is the user's to mend.
 *
 * @param expected - What could have been given.
 */
export function optionError(loss: string, option: string, given: unknown, expected: string): UserError {
  return new UserError(`${loss}: ${option} is ${shown(given)}, expected ${expected}`);
}

const OPTIONS = record('an object of options');

/**
 * `kind`, by which a configuration names the loss, may stand among its options.
 *
 * @throws UserError for anything but an object of options, and naming the first option that is not one of the known ones, and the nearest of them.
 */
export function checkOptionNames(loss: string, options: object, known: readonly string[]): void {
  checkArguments(loss, { options }, { options: OPTIONS });
  for (const name of Object.keys(options)) {
    if (name === 'kind' || known.includes(name)) continue;
    throw new UserError(
      `${loss}: unknown option '${name}', ${known.length ? `did you mean '${closest(name, known)}'? Known: ${known.join(', ')}` : 'expected none'}`,
    );
  }
}

/** @throws UserError unless the option is a number in the range. */
export function checkNumber(
  loss: string,
  option: string,
  given: unknown,
  least: number,
  most = Number.MAX_VALUE,
): void {
  if (typeof given === 'number' && given >= least && given <= most) return;
  const range = most === Number.MAX_VALUE ? `${least} or more` : `${least} to ${most}`;
  throw optionError(loss, option, given, `a number, ${range}`);
}

/** @throws UserError unless the option is one of the choices. */
export function checkChoice(loss: string, option: string, given: unknown, choices: readonly unknown[]): void {
  if (!choices.includes(given)) throw optionError(loss, option, given, `one of ${choices.join(', ')}`);
}
