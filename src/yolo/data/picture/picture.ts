import { readFile, stat } from 'node:fs/promises';
import sharp from 'sharp';
import * as v from 'valibot';
import { allOptional, checkArguments, FLAG, TEXT } from '../../core/arguments';
import { explaining, UserError } from '../../core/errors';
import { decodeBmp } from './bmp';
import { jpegFault } from './jpegFault';
import { findFrame } from './jpegFrame';
import { requireFormat } from './pictureFormat';

/** A decoded picture. */
export interface Picture {
  /** Red, green, blue, 0 to 255, row by row: `data[(y * width + x) * 3 + channel]`. */
  readonly data: Uint8Array;
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
}

/** Options of {@link readPicture}. */
export interface ReadPictureOptions {
  /** Turn the picture as its EXIF orientation says. Default false: the pixels as they are stored. */
  orient?: boolean;
}

/** Pixels above which nothing is decoded: a small file can claim any number of them. */
const MOST_PIXELS = 2 ** 28;

const READ = {
  source: v.custom(
    (value) => typeof value === 'string' || value instanceof Uint8Array,
    "a path or a file's content",
  ),
  options: allOptional({ orient: FLAG }),
  name: TEXT,
};

/**
 * Decodes a picture to 8-bit RGB: grey and CMYK are converted, transparency is laid on white.
 *
 * A JPEG whose data were altered somewhere decodes to shifted or grey blocks: its codes are followed to their end
 * first, so that it is an error and never training data.
 *
 * @param source - Path, or the file's content: a JPEG, PNG, WebP, BMP, TIFF, GIF (its first frame) or AVIF, whatever
 * its name.
 * @param options - Whether it is turned upright.
 * @param name - What errors call the picture. Default: the path, or `picture`.
 * @throws UserError if the picture is missing, cut off, damaged, too large or of a format that is not decoded.
 */
export async function readPicture(
  source: string | Buffer,
  options: ReadPictureOptions = {},
  name = typeof source === 'string' ? source : 'picture',
): Promise<Picture> {
  checkArguments('readPicture', { source, options, name }, READ);
  const { orient = false } = options;
  const file = typeof source === 'string' ? await readPictureFile(source) : source;
  const format = requireFormat(file, name);
  if (format === 'bmp') return decodeBmp(file, name);
  if (format === 'jpeg') requireSoundJpeg(file, name);
  try {
    const image = sharp(file, {
      failOn: format === 'jpeg' ? 'error' : 'warning',
      limitInputPixels: MOST_PIXELS,
    });
    const { data, info } = await (orient ? image.autoOrient() : image)
      .flatten({ background: 'white' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height };
  } catch {
    // libvips keeps one error text for all threads: it may be about another picture, so it is not passed on.
    throw (await tooLarge(file, name)) ?? damaged(name);
  }
}

function requireSoundJpeg(file: Buffer, name: string): void {
  const frame = findFrame(file);
  if (frame && frame.precision !== 8) {
    throw new UserError(
      `${name}: is a JPEG of ${frame.precision} bits a sample, which can't be decoded; save it with 8`,
    );
  }
  const fault = jpegFault(file);
  if (fault !== undefined) throw damaged(name, fault);
}

function damaged(name: string, how?: string): UserError {
  const detail = how === undefined ? '' : ` (${how})`;
  return new UserError(
    `${name}: is damaged or cut off${detail}; fetch the picture again or take it out of its list`,
  );
}

async function tooLarge(file: Buffer, name: string): Promise<UserError | undefined> {
  const { width, height } = await sharp(file, { limitInputPixels: false })
    .metadata()
    .catch(() => ({ width: 0, height: 0 }));
  if (width * height <= MOST_PIXELS) return undefined;
  return new UserError(
    `${name}: is ${width} x ${height}, more than the ${MOST_PIXELS / 2 ** 20} million pixels that are decoded; scale the picture down`,
  );
}

/**
 * The content of a picture's file.
 *
 * @throws UserError if it is missing, empty, no file or can't be read.
 */
export async function readPictureFile(path: string): Promise<Buffer> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new UserError(`${path}: no such picture; check the path or take its id out of the list`);
  if (!found.isFile()) throw new UserError(`${path}: is no file; expected a picture`);
  if (found.size === 0) throw new UserError(`${path}: the file is empty; fetch the picture again`);
  return explaining(`${path}: can't be read`, 'check its permission', () => readFile(path));
}
