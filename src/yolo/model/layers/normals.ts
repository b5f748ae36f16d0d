import type { Random } from '../../core/random';

/**
 * Normal numbers of mean 0 by the Box-Muller transform, for initial weights.
 *
 * @param random - Without it all are zero.
 * @param deviation - Standard deviation.
 */
export function normals(random: Random | undefined, count: number, deviation: number): Float32Array {
  const values = new Float32Array(count);
  if (random === undefined) return values;
  for (let i = 0; i < count; i += 2) {
    // 1 - next() lies in (0, 1], where the logarithm is finite.
    const radius = deviation * Math.sqrt(-2 * Math.log(1 - random.next()));
    const angle = 2 * Math.PI * random.next();
    values[i] = radius * Math.cos(angle);
    if (i + 1 < count) {
      values[i + 1] = radius * Math.sin(angle);
    }
  }
  return values;
}
