import sharp from 'sharp';
import type { Picture } from './picture';

/**
 * A picture as the content of a file that says, inside, which program made it: so that only such a file is ever replaced.
 *
 * @param mark - Such as `yolov1 detect`.
 * @param format - `jpeg` is written at quality 92.
 */
export async function markedPicture(
  { data, width, height }: Picture,
  mark: string,
  format: 'png' | 'jpeg' = 'png',
): Promise<Buffer> {
  const image = sharp(data, { raw: { width, height, channels: 3 } }).withExif({ IFD0: { Software: mark } });
  return (format === 'png' ? image.png() : image.jpeg({ quality: 92 })).toBuffer();
}

/** Tells whether a file is a picture with this mark; false for a file that can't be read. */
export async function isMarkedPicture(file: string, mark: string): Promise<boolean> {
  try {
    const { exif } = await sharp(file).metadata();
    return exif?.includes(mark) ?? false;
  } catch {
    return false;
  }
}
