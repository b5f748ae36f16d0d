import { mean } from '../../chart/spread';

/**
 * Spearman's rank correlation of two measurements of the same things, -1 to 1; equal values share their ranks. NaN where
 * one of them is the same for all.
 */
export function rankCorrelation(first: readonly number[], second: readonly number[]): number {
  const [a, b] = [ranksOf(first), ranksOf(second)];
  const middle = (first.length - 1) / 2;
  const product = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, value, k) => sum + (value - middle) * (y[k] - middle), 0);
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}

function ranksOf(values: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  return values.map((value) => mean(sorted.flatMap((other, rank) => (other === value ? [rank] : []))));
}
