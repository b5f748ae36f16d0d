import type { Random } from '../../core/random';
import type { Box } from '../../grid/box';

/** Smallest and largest value of a uniform draw. */
export type Range = readonly [low: number, high: number];

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * A window of another size and form than the picture's, anywhere within it (crop) or around it (expand).
 *
 * @param scale - Side of the window over the picture's.
 * @param aspect - Width over height of the window over the picture's.
 */
export function zoom({ width, height }: Size, scale: Range, aspect: Range, random: Random): Box {
  const side = random.uniform(...scale);
  const form = Math.sqrt(random.uniform(...aspect));
  const windowWidth = width * side * form;
  const windowHeight = (height * side) / form;
  const left = between(0, width - windowWidth, random);
  const top = between(0, height - windowHeight, random);
  return { left, top, right: left + windowWidth, bottom: top + windowHeight };
}

/**
 * Moves each edge of a window on its own by up to a share of the picture's side, out or in: scale and translation
 * at once.
 */
export function shiftEdges(window: Box, { width, height }: Size, share: number, random: Random): Box {
  const move = (side: number) => side * random.uniform(-share, share);
  return {
    left: window.left + move(width),
    top: window.top + move(height),
    right: window.right + move(width),
    bottom: window.bottom + move(height),
  };
}

/** The smallest window around a window with the given ratio of width to height, same centre. */
export function letterbox(window: Box, aspect: number): Box {
  const width = window.right - window.left;
  const height = window.bottom - window.top;
  const moreWidth = (Math.max(width, height * aspect) - width) / 2;
  const moreHeight = (Math.max(height, width / aspect) - height) / 2;
  return {
    left: window.left - moreWidth,
    top: window.top - moreHeight,
    right: window.right + moreWidth,
    bottom: window.bottom + moreHeight,
  };
}

/** A number between two, whichever is the larger. */
function between(a: number, b: number, random: Random): number {
  return random.uniform(Math.min(a, b), Math.max(a, b));
}
