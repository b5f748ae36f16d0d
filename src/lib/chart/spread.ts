/** Mean of values; NaN of none. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Measurements in words: their mean and, of several, the least and the most, as `0.1340 (0.1262 to 0.1416)`.
 *
 * @param digits - Behind the point. Default 4.
 */
export function spread(values: readonly number[], digits = 4): string {
  const words = (value: number) => value.toFixed(digits);
  const range = `${words(Math.min(...values))} to ${words(Math.max(...values))}`;
  return words(mean(values)) + (values.length > 1 ? ` (${range})` : '');
}
