import * as v from 'valibot';
import { allOptional, checkArguments } from '../../core/arguments';
import { numberFrom } from '../../core/form';

/** A change of colours; each factor's default 1 leaves the picture as it is. Applied in the order of the fields. */
export interface ColourChange {
  /** Factor of value in HSV (the YOLO paper's exposure). */
  readonly exposure?: number;
  /** Factor of saturation in HSV. */
  readonly saturation?: number;
  /** Factor of all channels. */
  readonly brightness?: number;
  /** Factor of the difference to the pixel's own grey (PIL's `Color`). */
  readonly colour?: number;
  /** Factor of the difference to the picture's mean grey (PIL's `Contrast`). */
  readonly contrast?: number;
}

const FACTOR = numberFrom(0);
const CHANGED = {
  pixels: v.instance(Float32Array, 'a Float32Array'),
  change: allOptional({
    ...{ exposure: FACTOR, saturation: FACTOR, brightness: FACTOR },
    ...{ colour: FACTOR, contrast: FACTOR },
  }),
};

/** Luma weights of ITU-R BT.601, as PIL's grey. */
const GREY = [0.299, 0.587, 0.114] as const;

/**
 * Changes the colours of RGB pixels of 0 to 255 in place; every step clips to 0..255, as 8-bit pictures do.
 *
 * @param pixels - `[height, width, 3]`.
 * @param change - The factors.
 * @throws UserError for an argument of another kind, or a factor below 0.
 */
export function changeColours(pixels: Float32Array, change: ColourChange): void {
  checkArguments('changeColours', { pixels, change }, CHANGED);
  const { exposure = 1, saturation = 1, brightness = 1, colour = 1, contrast = 1 } = change;
  if (exposure !== 1 || saturation !== 1) scaleHsv(pixels, saturation, exposure);
  if (brightness !== 1) awayFrom(pixels, 0, brightness);
  if (colour !== 1) awayFromOwnGrey(pixels, colour);
  if (contrast !== 1) awayFrom(pixels, meanGrey(pixels), contrast);
}

/**
 * Scales saturation and value of HSV without going there: with V = max(r, g, b), every channel c becomes
 * e (V - s (V - c)). Saturation and value stay within 1, so the darkest channel does not fall below 0.
 */
function scaleHsv(pixels: Float32Array, saturation: number, exposure: number): void {
  for (let i = 0; i < pixels.length; i += 3) {
    const value = Math.max(pixels[i], pixels[i + 1], pixels[i + 2]);
    const depth = value - Math.min(pixels[i], pixels[i + 1], pixels[i + 2]);
    const s = depth > 0 ? Math.min(saturation, value / depth) : 1;
    const e = value > 0 ? Math.min(exposure, 255 / value) : 1;
    pixels[i] = e * (value - s * (value - pixels[i]));
    pixels[i + 1] = e * (value - s * (value - pixels[i + 1]));
    pixels[i + 2] = e * (value - s * (value - pixels[i + 2]));
  }
}

/** Moves every pixel from one grey level along the way to itself: `grey + factor * (pixel - grey)`. */
function awayFrom(pixels: Float32Array, grey: number, factor: number): void {
  for (let i = 0; i < pixels.length; i++) {
    pixels[i] = clipped(grey + factor * (pixels[i] - grey));
  }
}

/** The same from each pixel's own grey. */
function awayFromOwnGrey(pixels: Float32Array, factor: number): void {
  for (let i = 0; i < pixels.length; i += 3) {
    const grey = greyAt(pixels, i);
    pixels[i] = clipped(grey + factor * (pixels[i] - grey));
    pixels[i + 1] = clipped(grey + factor * (pixels[i + 1] - grey));
    pixels[i + 2] = clipped(grey + factor * (pixels[i + 2] - grey));
  }
}

function clipped(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

function greyAt(pixels: Float32Array, i: number): number {
  return GREY[0] * pixels[i] + GREY[1] * pixels[i + 1] + GREY[2] * pixels[i + 2];
}

function meanGrey(pixels: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < pixels.length; i += 3) sum += greyAt(pixels, i);
  return sum / (pixels.length / 3);
}
