import { annotatedSizeError } from '../annotatedSize';
import { type ColourChange, changeColours } from '../augment/colour';
import type { Tile } from '../augment/plan';
import { readPicture } from '../picture/picture';
import { normalise } from './normalise';
import { resample } from './resample';
import { meanFrame } from './toInput';

/** One picture of an input and where it goes. */
export interface InputTile extends Omit<Tile, 'key'> {
  readonly imagePath: string;
  /** The annotation and the size it says the picture has, in pixels; absent: any size is right. */
  readonly annotated?: { readonly path: string; readonly width: number; readonly height: number };
}

/** Everything that makes an input tensor's pixels; plain data, so that it can go to another thread. */
export interface InputRequest {
  /** Side of the square input in pixels. */
  readonly size: number;
  readonly tiles: readonly InputTile[];
  readonly colour?: ColourChange;
}

/**
 * Decodes, places and normalises what a network sees.
 *
 * @returns `[size, size, 3]` values, ImageNet-normalised; ground without picture is ImageNet's mean, 0.
 * @throws {@link UserError} naming the picture that is missing, damaged, no JPEG or not of the annotated size.
 */
export async function drawInput({ size, tiles, colour }: InputRequest): Promise<Float32Array> {
  const frame = meanFrame(size);
  for (const { imagePath, annotated, window, place, flip } of tiles) {
    const picture = await readPicture(imagePath, { format: 'jpeg' });
    const error = annotated && annotatedSizeError(annotated.path, annotated, picture);
    if (error) throw error;
    resample(picture, frame, {
      window,
      flip,
      place: {
        left: place.left * size,
        top: place.top * size,
        right: place.right * size,
        bottom: place.bottom * size,
      },
    });
  }
  if (colour) changeColours(frame.data, colour);
  return normalise(frame.data);
}
