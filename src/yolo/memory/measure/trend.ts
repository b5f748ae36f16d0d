/** The slope of a series, and whether it means anything. */
export interface Trend {
  first: number;
  last: number;
  /** Median slope of all pairs (Theil and Sen): one jump does not move it. */
  perSample: number;
  /** True if it rises beyond chance and by more than a hundredth. */
  rising: boolean;
}

/** One-sided 1 % of the normal distribution. */
const Z = 2.33;
/** Share of the median value that a rise over the whole series must exceed. */
const NEGLIGIBLE = 0.01;
/** All pairs are compared; a longer series is thinned. */
const MOST = 400;

/**
 * Trend of equally spaced values, by the test of Mann and Kendall, which asks only which of two values is larger.
 *
 * @param values - At least two.
 */
export function trendOf(values: readonly number[]): Trend {
  const thin = Math.ceil(values.length / MOST);
  const series = values.filter((_, index) => index % thin === 0);
  const n = series.length;
  const slopes: number[] = [];
  let score = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      score += Math.sign(series[j] - series[i]);
      slopes.push((series[j] - series[i]) / (j - i));
    }
  }
  const z = (score - 1) / Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const perSample = median(slopes) / thin;
  const total = perSample * (values.length - 1);
  return {
    first: values[0],
    last: values.at(-1)!,
    perSample,
    rising: z > Z && total > NEGLIGIBLE * median(series),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle - 0.5)] + sorted[Math.ceil(middle - 0.5)]) / 2;
}
