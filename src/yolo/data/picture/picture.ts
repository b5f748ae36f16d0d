import { readFile, stat } from 'node:fs/promises';
import sharp from 'sharp';
import { messageOf, UserError } from '../../core/errors';

/** A decoded picture. */
export interface Picture {
  /** Red, green, blue, 0 to 255, row by row: `data[(y * width + x) * 3 + channel]`. */
  readonly data: Uint8Array;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
}

/** Options of {@link readPicture}. */
export interface ReadPictureOptions {
  /** `jpeg`: anything else is an error, as in a VOC devkit. Default: whatever can be decoded. */
  format?: 'jpeg';
  /**
   * Turn the picture as its EXIF orientation says. Default false: boxes are annotated in the pixels as they are
   * stored (VOC pictures have no orientation). True suits photographs straight from a camera.
   */
  orient?: boolean;
}

/** How every JPEG begins. */
const JPEG_START = Buffer.from([0xff, 0xd8, 0xff]);

/**
 * Decodes a picture to 8-bit RGB: grey and CMYK are converted, transparency is laid on white.
 *
 * @param source - Path, or the file's content.
 * @param name - What errors call the picture. Default: the path.
 * @throws {@link UserError} if the picture is missing, cut off, damaged or of the wrong format.
 */
export async function readPicture(
  source: string | Buffer,
  { format: expected, orient = false }: ReadPictureOptions = {},
  name = typeof source === 'string' ? source : 'picture',
): Promise<Picture> {
  const advice = `expected ${expected === 'jpeg' ? 'a JPEG' : 'a JPEG or PNG'}`;
  const file = typeof source === 'string' ? await readPictureFile(source) : source;
  // A picture that ends early decodes to grey below the cut: an error here, never training data.
  const image = sharp(file, { failOn: 'error' });
  // Asking libvips for the format takes as long as a quarter of the decoding.
  if (!JPEG_START.equals(file.subarray(0, JPEG_START.length))) {
    // libvips keeps one error text for all threads, so what it says may be about another picture: not passed on.
    const format = await image.metadata().then(
      (metadata) => metadata.format,
      () => {
        throw new UserError(`${name}: can't be read as a picture; ${advice}`);
      },
    );
    if (expected !== undefined && format !== expected) {
      throw new UserError(`${name}: is ${format.toUpperCase()} inside, ${advice}; convert the picture`);
    }
  }
  try {
    const { data, info } = await (orient ? image.autoOrient() : image)
      .flatten({ background: 'white' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height };
  } catch {
    throw new UserError(`${name}: is damaged or cut off; fetch the picture again or take it out of its list`);
  }
}

async function readPictureFile(path: string): Promise<Buffer> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new UserError(`${path}: no such picture; check the path or take its id out of the list`);
  if (!found.isFile()) throw new UserError(`${path}: is no file; expected a picture`);
  if (found.size === 0) throw new UserError(`${path}: the file is empty; fetch the picture again`);
  return readFile(path).catch((error) => {
    throw new UserError(`${path}: can't be read (${messageOf(error)}); check its permission`);
  });
}
