import { COUNT, checkArguments, FLAG, record, TEXT } from '../../core/arguments';
import { BOX, type Box } from '../../grid/box';
import type { ColourChange } from './colour';

/** One picture's part in the network's view. */
export interface Tile {
  /** Key of the picture, such as `VOC2012/2007_000032`. */
  readonly key: string;
  /** The part that is taken, in the picture's pixels; beyond the picture there is ground of the mean colour. */
  readonly window: Box;
  /** Its place in the input, normalised: the whole input is 0, 0, 1, 1. */
  readonly place: Box;
  /** Mirrored left to right. */
  readonly flip: boolean;
}

export const TILE = record('a tile', { window: BOX, place: BOX, flip: FLAG });

/**
 * The network's view of one or, in a mosaic, several pictures. Plain data, drawn from a seeded generator before
 * any picture is opened; boxes and pixels both follow it.
 */
export interface AugmentationPlan {
  /** One for each picture: one, or the four of a mosaic. */
  readonly tiles: readonly Tile[];
  /** Change of the input's colours. Default: none. */
  readonly colour?: ColourChange;
}

/** The whole input, normalised. */
export const WHOLE: Box = { left: 0, top: 0, right: 1, bottom: 1 };

/** A picture's name and size, all that a plan needs of it. */
export interface PlannedPicture {
  readonly key: string;
  readonly width: number;
  readonly height: number;
}

const PICTURE = record('a picture by key and size', { key: TEXT, width: COUNT, height: COUNT });

/**
 * The plan without augmentation: the whole picture stretched to the input, as evaluation sees it.
 *
 * @param picture - Its key, and its width and height in pixels.
 * @throws UserError for a picture without key or size.
 */
export function plainPlan(picture: PlannedPicture): AugmentationPlan {
  checkArguments('plainPlan', { picture }, { picture: PICTURE });
  const { key, width, height } = picture;
  const window = { left: 0, top: 0, right: width, bottom: height };
  return { tiles: [{ key, window, place: WHOLE, flip: false }] };
}
