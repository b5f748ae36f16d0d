/** Of a curve, by falling confidence; both 0..1 and of one length, recall never falls. */
interface Curve {
  readonly precision: ArrayLike<number>;
  readonly recall: ArrayLike<number>;
}

/**
 * The largest precision at or beyond each recall: what VOC (until 2009) and COCO average. 0 where the curve does not
 * reach.
 *
 * @param recalls - Rising, 0..1.
 * @returns One entry for each of `recalls`.
 */
export function interpolatedPrecision({ precision, recall }: Curve, recalls: readonly number[]): number[] {
  const found = recalls.map(() => 0);
  let place = precision.length - 1;
  let highest = 0;
  for (let point = recalls.length - 1; point >= 0; point--) {
    for (; place >= 0 && recall[place] >= recalls[point]; place--)
      highest = Math.max(highest, precision[place]);
    found[point] = highest;
  }
  return found;
}
