import sharp from 'sharp';
import { segmentAt } from './jpegFrame';
import { pictureFormatOf } from './pictureFormat';

const APP1 = 0xe1;
const START_OF_SCAN = 0xda;
const ORIENTATION = 0x0112;

/**
 * A picture's EXIF orientation, 1 to 8: how it must be turned or mirrored to be upright. 1 (not at all) where none is
 * given or the file can't be read.
 */
export async function orientationOf(file: Buffer): Promise<number> {
  const format = pictureFormatOf(file);
  if (format === 'bmp' || format === undefined) return 1;
  if (format === 'jpeg') return ofJpeg(file);
  const { orientation } = await sharp(file, { limitInputPixels: false })
    .metadata()
    .catch(() => ({ orientation: 1 }));
  return orientation ?? 1;
}

/** Read here, since asking the decoder takes as long as a quarter of the decoding. */
function ofJpeg(file: Buffer): number {
  for (
    let segment = segmentAt(file, 2);
    segment && segment.marker !== START_OF_SCAN;
    segment = segmentAt(file, segment.end)
  ) {
    const { marker, start, end } = segment;
    if (marker === APP1 && file.toString('latin1', start, start + 6) === 'Exif\0\0') {
      return ofDirectory(file.subarray(start + 6, end));
    }
  }
  return 1;
}

/** The orientation in the first directory of a TIFF structure. */
function ofDirectory(tiff: Buffer): number {
  const little = tiff.toString('latin1', 0, 2) === 'II';
  const short = (at: number) => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const long = (at: number) => (little ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at));
  if (tiff.length < 8) return 1;
  const directory = long(4);
  if (directory + 2 > tiff.length) return 1;
  for (let entry = 0; entry < short(directory); entry++) {
    const at = directory + 2 + 12 * entry;
    if (at + 12 > tiff.length) return 1;
    const value = short(at + 8);
    if (short(at) === ORIENTATION) return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}
