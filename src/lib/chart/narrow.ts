import { type ChartSpec, drawSpec } from './drawSpec';
import type { Drawing } from './figure';

/** A specification by the width of its plot, or of each of its panels; without a width it is a page's. CSS pixels. */
export type SpecOfWidth = (width?: number) => ChartSpec;

/** What a phone with a screen of 360 has room for, CSS pixels. */
export const NARROW = 322;
/** Width of a plot to begin with, and the least that shows anything. */
const [FIRST, LEAST] = [140, 60];
const TRIES = 6;
/** A drawing may be so much off. */
const NEAR = 2;

/**
 * Draws a chart for a phone, in letters of the size that they have everywhere. How wide the axes and words beside a plot
 * are shows only when it is drawn: it is drawn again, by as much narrower or wider as the first drawing was off.
 */
export async function drawNarrow(spec: SpecOfWidth): Promise<Drawing> {
  let width = FIRST;
  let drawing = await drawSpec(spec(width));
  // Pixels that the drawing gains by one of the plot: about the number of panels in a row.
  let gain = 1;
  for (let tries = 1; tries < TRIES && Math.abs(drawing.width - NARROW) > NEAR; tries++) {
    const next = Math.max(LEAST, Math.round(width + (NARROW - drawing.width) / gain));
    if (next === width) break;
    const again = await drawSpec(spec(next));
    gain = Math.max(0.5, (again.width - drawing.width) / (next - width));
    [width, drawing] = [next, again];
  }
  return drawing;
}
