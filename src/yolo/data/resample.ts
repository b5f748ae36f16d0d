import type { Box } from '../box/box';
import type { Picture } from './picture';

/** Floating-point RGB pixels of 0 to 255, `[height, width, 3]`. */
export interface Frame {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
}

/** Where a part of a picture goes in a frame. */
export interface Placement {
  /** The part, in the picture's pixels; may reach beyond the picture, where the frame is left as it is. */
  readonly window: Box;
  /** Where the window goes, in the frame's pixels; need not be whole numbers. */
  readonly place: Box;
  /** Mirrored left to right. */
  readonly flip: boolean;
}

/**
 * Draws a part of a picture into a frame, resized by a triangle filter that widens when shrinking: bilinear without
 * aliasing, what PIL calls BILINEAR. libvips, which decodes the pictures, shifts what it enlarges by half a pixel
 * and knows no fractional windows, hence this.
 */
export function resample(picture: Picture, frame: Frame, { window, place, flip }: Placement): void {
  const columns = axisTaps(
    picture.width,
    [window.left, window.right],
    frame.width,
    [place.left, place.right],
    flip,
  );
  const rows = axisTaps(
    picture.height,
    [window.top, window.bottom],
    frame.height,
    [place.top, place.bottom],
    false,
  );
  if (columns.last <= columns.first || rows.last <= rows.first) return;

  // Columns first, for the picture's rows that are needed, then rows.
  const topRow = Math.min(rows.starts[0], rows.starts.at(-1)!);
  const bottomRow = Math.max(rows.starts[0], rows.starts.at(-1)!) + rows.taps;
  const stride = (columns.last - columns.first) * 3;
  const narrowed = new Float32Array((Math.min(bottomRow, picture.height) - topRow) * stride);
  for (let row = 0; row * stride < narrowed.length; row++) {
    resampleRow(picture.data, (topRow + row) * picture.width * 3, columns, narrowed, row * stride);
  }
  for (let y = rows.first; y < rows.last; y++) {
    const out = frame.data.subarray((y * frame.width + columns.first) * 3).subarray(0, stride);
    out.fill(0);
    const row = y - rows.first;
    for (let tap = 0; tap < rows.counts[row]; tap++) {
      const weight = rows.weights[row * rows.taps + tap];
      const from = (rows.starts[row] + tap - topRow) * stride;
      for (let i = 0; i < stride; i++) out[i] += weight * narrowed[from + i];
    }
  }
}

/** Which source pixels, with which weights, make each output pixel of one axis. */
interface Taps {
  /** Output pixels `first` to `last - 1` are drawn: those whose centre falls on the picture. */
  readonly first: number;
  readonly last: number;
  /** First source pixel, by output pixel. */
  readonly starts: Int32Array;
  /** How many source pixels, by output pixel. */
  readonly counts: Int32Array;
  /** Their weights, `taps` places by output pixel. */
  readonly weights: Float32Array;
  readonly taps: number;
}

function axisTaps(
  sourceSize: number,
  [sourceLow, sourceHigh]: readonly [number, number],
  frameSize: number,
  [placeLow, placeHigh]: readonly [number, number],
  mirrored: boolean,
): Taps {
  const scale = (sourceHigh - sourceLow) / (placeHigh - placeLow);
  const centreOf = (pixel: number) => {
    const way = (pixel + 0.5 - placeLow) * scale;
    return mirrored ? sourceHigh - way : sourceLow + way;
  };
  const onPicture = (pixel: number) => centreOf(pixel) >= 0 && centreOf(pixel) <= sourceSize;
  let first = Math.max(0, Math.ceil(placeLow - 0.5));
  let last = Math.max(first, Math.min(frameSize, Math.ceil(placeHigh - 0.5)));
  while (first < last && !onPicture(first)) first++;
  while (first < last && !onPicture(last - 1)) last--;

  const support = Math.max(1, scale);
  const taps = Math.ceil(support) * 2 + 1;
  const starts = new Int32Array(last - first);
  const counts = new Int32Array(last - first);
  const weights = new Float32Array((last - first) * taps);
  for (let pixel = first; pixel < last; pixel++) {
    const centre = centreOf(pixel);
    // Source pixels whose centre lies under the filter.
    const low = Math.max(0, Math.floor(centre - support + 0.5));
    const high = Math.min(sourceSize, Math.floor(centre + support + 0.5));
    const at = (pixel - first) * taps;
    let sum = 0;
    for (let source = low; source < high; source++) {
      const weight = Math.max(0, 1 - Math.abs(source + 0.5 - centre) / support);
      weights[at + source - low] = weight;
      sum += weight;
    }
    // At the picture's edge the filter is cut, its rest counts in full.
    for (let tap = 0; tap < high - low; tap++) weights[at + tap] /= sum;
    starts[pixel - first] = low;
    counts[pixel - first] = high - low;
  }
  return { first, last, starts, counts, weights, taps };
}

function resampleRow(
  source: Uint8Array,
  sourceRow: number,
  { first, last, starts, counts, weights, taps }: Taps,
  out: Float32Array,
  outRow: number,
): void {
  for (let pixel = 0; pixel < last - first; pixel++) {
    let red = 0;
    let green = 0;
    let blue = 0;
    let from = sourceRow + starts[pixel] * 3;
    const end = pixel * taps + counts[pixel];
    for (let tap = pixel * taps; tap < end; tap++, from += 3) {
      const weight = weights[tap];
      red += weight * source[from];
      green += weight * source[from + 1];
      blue += weight * source[from + 2];
    }
    const to = outRow + pixel * 3;
    out[to] = red;
    out[to + 1] = green;
    out[to + 2] = blue;
  }
}
