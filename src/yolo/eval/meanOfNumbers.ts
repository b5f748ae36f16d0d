/** Mean of the values that are numbers, NaN left out; NaN if there is none. What has no objects has no AP. */
export function meanOfNumbers(values: readonly number[]): number {
  const numbers = values.filter((value) => !Number.isNaN(value));
  return numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
}
