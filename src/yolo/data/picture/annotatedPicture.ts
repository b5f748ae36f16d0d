import { UserError } from '../../core/errors';
import { orientationOf } from './exif';
import { type Picture, readPicture, readPictureFile } from './picture';

/** A picture as its annotation describes it. */
export interface AnnotatedSize {
  /** Path of the annotation. */
  readonly path: string;
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** Number of its boxes. */
  readonly objects: number;
}

/**
 * Decodes a picture as it was annotated: as it is stored, or turned as its EXIF orientation says, whichever has the
 * annotation's size.
 *
 * @throws {@link UserError} as {@link readPicture} does; if the annotation says another size than either; if both ways
 * have its size, so that the boxes can't tell which was meant.
 */
export async function readAnnotatedPicture(path: string, annotated: AnnotatedSize): Promise<Picture> {
  const file = await readPictureFile(path);
  const [stored, orientation] = [await readPicture(file, {}, path), await orientationOf(file)];
  const view = annotatedView(path, annotated, stored, orientation);
  return view === 'turned' ? readPicture(file, { orient: true }, path) : stored;
}

/**
 * How a picture was looked at when it was annotated.
 *
 * @param stored - Its size without regard to the orientation.
 * @throws {@link UserError} if neither way has the annotation's size, or both have it and there are boxes.
 */
export function annotatedView(
  path: string,
  annotated: AnnotatedSize,
  stored: { readonly width: number; readonly height: number },
  orientation: number,
): 'stored' | 'turned' {
  const { width, height } = annotated;
  const isStored = width === stored.width && height === stored.height;
  if (orientation === 1 && isStored) return 'stored';
  // From 5 on, width and height change places.
  const isTurned =
    orientation >= 5 ? width === stored.height && height === stored.width : orientation > 1 && isStored;
  if (!isStored && !isTurned) {
    const turned =
      orientation >= 5 ? ` (${stored.height} x ${stored.width} as its EXIF orientation turns it)` : '';
    throw new UserError(
      `${annotated.path}: says ${width} x ${height}, but the picture is ${stored.width} x ${stored.height}${turned}; correct <size> and check the boxes`,
    );
  }
  if (isStored !== isTurned || annotated.objects === 0) return isTurned ? 'turned' : 'stored';
  throw new UserError(
    `${path}: has the EXIF orientation ${orientation}, and its boxes fit the picture both as it is stored and as it is turned; ` +
      "say how it was annotated with 'yolov1 data import' and --exif turned (as viewers show it) or --exif stored",
  );
}
