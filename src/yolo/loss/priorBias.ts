import * as v from 'valibot';
import { checkArguments } from '../core/arguments';

const BETWEEN = 'a number between 0 and 1';
const PRIOR = v.pipe(v.number(BETWEEN), v.gtValue(0, BETWEEN), v.ltValue(1, BETWEEN));

/**
 * Bias of the confidence outputs that makes an untrained detector say `prior` everywhere, if its other weights are near
 * zero: `-log((1 - prior) / prior)`. Lin et al., 1708.02002, section 4.1; they take .01.
 *
 * @param prior - Probability of an object, 0..1 exclusive. Default .01.
 * @throws UserError for a prior out of range.
 */
export function priorBias(prior = 0.01): number {
  checkArguments('priorBias', { prior }, { prior: PRIOR });
  return -Math.log((1 - prior) / prior);
}
