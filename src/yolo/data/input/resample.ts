import type { Box } from '../../grid/box';
import type { Picture } from '../picture/picture';

/** Floating-point RGB pixels of 0 to 255, `[height, width, 3]`. */
export interface Frame {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
}

/** A part of a picture, and its place in a frame. */
export interface Placement {
  /** The part, in the picture's pixels; may reach beyond the picture, where the frame is left as it is. */
  readonly window: Box;
  /** Place of the window in the frame, in pixels; need not be whole numbers. */
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
  const narrowed = scratchOf((bottomRow - topRow) * stride);
  const resampleRow = columns.taps === FEWEST_TAPS ? addThreePixels : addPixels;
  for (let row = 0; row < bottomRow - topRow; row++) {
    resampleRow(picture.data, (topRow + row) * picture.width * 3, columns, narrowed, row * stride);
  }
  const addRows = rows.taps === FEWEST_TAPS ? addThreeRows : addAnyRows;
  for (let y = rows.first; y < rows.last; y++) {
    const row = y - rows.first;
    const weights = rows.weights.subarray(row * rows.taps, (row + 1) * rows.taps);
    const from = (rows.starts[row] - topRow) * stride;
    addRows(narrowed, from, stride, weights, frame.data, (y * frame.width + columns.first) * 3);
  }
}

// Grows and stays: a new 2 MB array for every picture would have to be cleared and given back.
let scratch = new Float32Array(0);

function scratchOf(length: number): Float32Array {
  if (scratch.length < length) scratch = new Float32Array(length);
  return scratch;
}

/** The source pixels, with their weights, that make each output pixel of one axis. */
interface Taps {
  /** Output pixels `first` to `last - 1` are drawn: those whose centre falls on the picture. */
  readonly first: number;
  readonly last: number;
  /** First source pixel, by output pixel. */
  readonly starts: Int32Array;
  /** Source pixels of each output pixel, all of them on the picture; the weights of those that it doesn't need are 0. */
  readonly taps: number;
  /** By output pixel and tap. */
  readonly weights: Float32Array;
}

/**
 * Enough unless a picture is shrunk to less than two thirds. Loops over three taps are written out, which makes them
 * twice as fast as the loops over any number.
 */
const FEWEST_TAPS = 3;

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
  // Source pixels whose centre lies under the filter.
  const lowAt = (centre: number) => Math.max(0, Math.floor(centre - support + 0.5));
  const highAt = (centre: number) => Math.min(sourceSize, Math.floor(centre + support + 0.5));
  let most = FEWEST_TAPS;
  for (let pixel = first; pixel < last; pixel++) {
    const centre = centreOf(pixel);
    most = Math.max(most, highAt(centre) - lowAt(centre));
  }
  const taps = Math.min(most, sourceSize);
  const starts = new Int32Array(last - first);
  const weights = new Float32Array((last - first) * taps);
  for (let pixel = first; pixel < last; pixel++) {
    const centre = centreOf(pixel);
    const [low, high] = [lowAt(centre), highAt(centre)];
    const start = Math.min(low, sourceSize - taps);
    const at = (pixel - first) * taps + low - start;
    let sum = 0;
    for (let source = low; source < high; source++) {
      const weight = Math.max(0, 1 - Math.abs(source + 0.5 - centre) / support);
      weights[at + source - low] = weight;
      sum += weight;
    }
    // At the picture's edge the filter is cut, its rest counts in full.
    for (let tap = 0; tap < high - low; tap++) weights[at + tap] /= sum;
    starts[pixel - first] = start;
  }
  return { first, last, starts, taps, weights };
}

/** Narrows one row, three source pixels to each of its pixels. */
function addThreePixels(
  source: Uint8Array,
  sourceRow: number,
  { first, last, starts, weights }: Taps,
  out: Float32Array,
  outRow: number,
): void {
  for (let pixel = 0; pixel < last - first; pixel++) {
    const from = sourceRow + starts[pixel] * 3;
    const to = outRow + pixel * 3;
    const a = weights[pixel * 3];
    const b = weights[pixel * 3 + 1];
    const c = weights[pixel * 3 + 2];
    out[to] = a * source[from] + b * source[from + 3] + c * source[from + 6];
    out[to + 1] = a * source[from + 1] + b * source[from + 4] + c * source[from + 7];
    out[to + 2] = a * source[from + 2] + b * source[from + 5] + c * source[from + 8];
  }
}

/** Narrows one row, any number of source pixels to each of its pixels. */
function addPixels(
  source: Uint8Array,
  sourceRow: number,
  { first, last, starts, weights, taps }: Taps,
  out: Float32Array,
  outRow: number,
): void {
  for (let pixel = 0; pixel < last - first; pixel++) {
    let red = 0;
    let green = 0;
    let blue = 0;
    let from = sourceRow + starts[pixel] * 3;
    const end = (pixel + 1) * taps;
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

/** The weighted sum of three rows that follow each other, into a row of the frame. */
function addThreeRows(
  rows: Float32Array,
  from: number,
  stride: number,
  [a, b, c]: Float32Array,
  out: Float32Array,
  to: number,
): void {
  const second = from + stride;
  const third = second + stride;
  for (let i = 0; i < stride; i++) {
    // Rounded after each row, as a sum in the frame is: the same numbers as of any number of rows.
    const two = Math.fround(Math.fround(a * rows[from + i]) + b * rows[second + i]);
    out[to + i] = two + c * rows[third + i];
  }
}

/** The weighted sum of rows that follow each other, into a row of the frame. */
function addAnyRows(
  rows: Float32Array,
  from: number,
  stride: number,
  weights: Float32Array,
  out: Float32Array,
  to: number,
): void {
  out.fill(0, to, to + stride);
  weights.forEach((weight, row) => {
    const start = from + row * stride;
    for (let i = 0; i < stride; i++) out[to + i] += weight * rows[start + i];
  });
}
