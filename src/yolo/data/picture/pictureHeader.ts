import { open, stat } from 'node:fs/promises';
import sharp from 'sharp';
import { UserError } from '../../core/errors';
import { orientationOf } from './exif';
import { findFrame } from './jpegFrame';
import { readPictureFile } from './picture';
import { EXPECTED, type PictureFormat, pictureFormatOf, requireFormat } from './pictureFormat';

/** Facts from the beginning of a picture's file. */
export interface PictureHeader {
  readonly format: PictureFormat;
  /** Size as it is stored, without regard to the orientation. */
  readonly width: number;
  readonly height: number;
  /** EXIF orientation, 1 to 8; 1: upright as it is stored. */
  readonly orientation: number;
}

/** Bytes that nearly every header lies in; one with a larger preview in it is looked for in the whole file. */
const BEGINNING = 1 << 16;

/**
 * Reads a picture's size and orientation without decoding it.
 *
 * @throws {@link UserError} if the file is missing, empty or no picture.
 */
export async function readPictureHeader(path: string): Promise<PictureHeader> {
  const beginning = await readBeginning(path);
  const header = (await headerOf(beginning)) ?? (await headerOf(await readPictureFile(path)));
  requireFormat(beginning, path);
  if (!header) throw new UserError(`${path}: can't be read as a picture; ${EXPECTED}`);
  return header;
}

/** The size as a viewer shows the picture. */
export function uprightSize({ width, height, orientation }: PictureHeader): {
  width: number;
  height: number;
} {
  return orientation >= 5 ? { width: height, height: width } : { width, height };
}

async function readBeginning(path: string): Promise<Buffer> {
  // To open a pipe would wait for whoever writes into it.
  const isFile = (await stat(path).catch(() => undefined))?.isFile();
  const file = isFile ? await open(path).catch(() => undefined) : undefined;
  // Whoever reads all of it says why it can't be read.
  if (!file) return readPictureFile(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(BEGINNING), 0, BEGINNING, 0);
    return buffer.subarray(0, bytesRead);
  } catch {
    return Buffer.alloc(0);
  } finally {
    await file.close();
  }
}

async function headerOf(file: Buffer): Promise<PictureHeader | undefined> {
  const format = pictureFormatOf(file);
  if (format === undefined) return undefined;
  if (format === 'jpeg') {
    const frame = findFrame(file);
    return (
      frame && { format, width: frame.width, height: frame.height, orientation: await orientationOf(file) }
    );
  }
  if (format === 'bmp') {
    // The oldest header has two bytes for a side.
    const old = file.length >= 26 && file.readUInt32LE(14) === 12;
    if (file.length < 26) return undefined;
    const [width, height] = old
      ? [file.readUInt16LE(18), file.readUInt16LE(20)]
      : [file.readInt32LE(18), Math.abs(file.readInt32LE(22))];
    return { format, width, height, orientation: 1 };
  }
  try {
    const { width, height, orientation = 1 } = await sharp(file, { limitInputPixels: false }).metadata();
    return { format, width, height, orientation };
  } catch {
    return undefined;
  }
}
