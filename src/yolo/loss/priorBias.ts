/**
 * Bias of the confidence outputs that makes an untrained detector say `prior` everywhere, if its other weights are near
 * zero: `-log((1 - prior) / prior)`. Lin et al., 1708.02002, section 4.1; they take .01.
 *
 * @param prior - Probability of an object, 0..1 exclusive. Default .01.
 * @throws Error for a prior out of range.
 */
export function priorBias(prior = 0.01): number {
  if (!(prior > 0 && prior < 1)) {
    throw new Error(`priorBias: prior is ${prior}, expected a number between 0 and 1`);
  }
  return -Math.log((1 - prior) / prior);
}
