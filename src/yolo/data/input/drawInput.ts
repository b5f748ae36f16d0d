import * as v from 'valibot';
import { COUNT, checkArguments, record, TEXT } from '../../core/arguments';
import { type ColourChange, changeColours } from '../augment/colour';
import { TILE, type Tile } from '../augment/plan';
import { type AnnotatedSize, readAnnotatedPicture } from '../picture/annotatedPicture';
import { readPicture } from '../picture/picture';
import { normalise } from './normalise';
import { resample } from './resample';
import { meanFrame } from './toInput';

/** One picture of an input and where it goes. */
export interface InputTile extends Omit<Tile, 'key'> {
  /** Path of the picture. */
  readonly imagePath: string;
  /**
   * The annotation's path, the picture's width and height in pixels as it says, and its number of objects; a picture of
   * another size is an error. Absent: any size is right, and an EXIF orientation is followed.
   */
  readonly annotated?: AnnotatedSize;
}

/** Everything that makes an input tensor's pixels; plain data, so that it can go to another thread. */
export interface InputRequest {
  /** Side of the square input in pixels. */
  readonly size: number;
  /** The pictures, drawn in this order. */
  readonly tiles: readonly InputTile[];
  /** Change of the drawn input's colours. Default: none. */
  readonly colour?: ColourChange;
}

const REQUEST = record('an input to draw', {
  size: COUNT,
  tiles: v.array(v.intersect([record('a tile', { imagePath: TEXT }), TILE]), 'a list of tiles'),
});

/**
 * Decodes, places and normalises what a network sees.
 *
 * @param request - As an augmentation's plan, with paths in place of keys.
 * @returns `[size, size, 3]` values, ImageNet-normalised; ground without picture is ImageNet's mean, 0.
 * @throws UserError naming the picture that is missing, damaged or not of the annotated size.
 */
export async function drawInput(request: InputRequest): Promise<Float32Array> {
  checkArguments('drawInput', { request }, { request: REQUEST });
  const { size, tiles, colour } = request;
  const frame = meanFrame(size);
  for (const { imagePath, annotated, window, place, flip } of tiles) {
    const picture = annotated
      ? await readAnnotatedPicture(imagePath, annotated)
      : await readPicture(imagePath, { orient: true });
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
