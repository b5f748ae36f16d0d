import sharp from 'sharp';
import type { Picture } from './picture';

/**
 * A picture as the content of a file.
 *
 * @param format - `png` keeps every pixel; `jpeg` is written at quality 92.
 */
export function encodePicture(
  { data, width, height }: Picture,
  format: 'png' | 'jpeg' = 'png',
): Promise<Buffer> {
  const image = sharp(data, { raw: { width, height, channels: 3 } });
  return (format === 'png' ? image.png() : image.jpeg({ quality: 92 })).toBuffer();
}
