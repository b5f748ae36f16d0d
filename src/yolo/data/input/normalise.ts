import * as v from 'valibot';
import { checkArguments, NUMBERS } from '../../core/arguments';
import { counted } from '../../core/counted';
import { UserError } from '../../core/errors';

/** Mean of ImageNet's pixels by channel (red, green, blue), of values 0 to 1: what torchvision's weights expect. */
export const IMAGENET_MEAN: readonly number[] = [0.485, 0.456, 0.406];
/** Standard deviation to {@link IMAGENET_MEAN}. */
export const IMAGENET_STD: readonly number[] = [0.229, 0.224, 0.225];

const PIXELS = v.instance(Float32Array, 'a Float32Array');

/**
 * Brings RGB values from 0..255 to mean 0 and deviation 1 over ImageNet, in place.
 *
 * @param pixels - `[height, width, 3]` or `[batch, height, width, 3]`.
 * @returns The same array.
 * @throws UserError for another array, or values that are not three a pixel.
 */
export function normalise(pixels: Float32Array): Float32Array {
  checkArguments('normalise', { pixels }, { pixels: PIXELS });
  if (pixels.length % 3 !== 0) {
    throw new UserError(`normalise: pixels has ${counted(pixels.length, 'value')}, expected three a pixel`);
  }
  const [red, green, blue] = IMAGENET_STD.map((std) => 1 / (255 * std));
  const [redAt0, greenAt0, blueAt0] = IMAGENET_MEAN.map((mean, channel) => -mean / IMAGENET_STD[channel]);
  for (let i = 0; i < pixels.length; i += 3) {
    pixels[i] = pixels[i] * red + redAt0;
    pixels[i + 1] = pixels[i + 1] * green + greenAt0;
    pixels[i + 2] = pixels[i + 2] * blue + blueAt0;
  }
  return pixels;
}

/**
 * Takes {@link normalise} back, to show what a network saw.
 *
 * @param pixels - `[height, width, 3]` or `[batch, height, width, 3]`.
 * @returns A new array of RGB values, rounded and clipped to 0..255.
 * @throws UserError for anything but numbers.
 */
export function denormalise(pixels: ArrayLike<number>): Uint8ClampedArray {
  checkArguments('denormalise', { pixels }, { pixels: NUMBERS });
  return Uint8ClampedArray.from(
    pixels,
    (value, i) => (value * IMAGENET_STD[i % 3] + IMAGENET_MEAN[i % 3]) * 255,
  );
}
