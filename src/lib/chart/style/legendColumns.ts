import { textWidth } from './textWidth';
import { CHART_CONFIG } from './theme';

const { labelFontSize, columnPadding } = CHART_CONFIG.legend;
/** A short line or square, and the space behind it. */
const SYMBOL = 28;

/**
 * In how many columns the names of a legend stand, so that it isn't wider than the plot and makes everything smaller.
 *
 * @param width - Of the plot, CSS pixels.
 * @returns Undefined where one row is enough.
 */
export function legendColumns(names: readonly string[], width: number): number | undefined {
  const widths = names.map((name) => SYMBOL + textWidth(name, labelFontSize) + columnPadding);
  if (widths.reduce((sum, one) => sum + one, 0) <= width) return undefined;
  return Math.max(1, Math.floor(width / Math.max(...widths)));
}
