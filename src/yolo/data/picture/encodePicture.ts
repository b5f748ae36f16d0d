import sharp from 'sharp';
import type { Picture } from './picture';
import { requirePicture } from './requirePicture';

/**
 * A picture as the content of a file.
 *
 * @param format - `png` keeps every pixel; `jpeg` is written at quality 92.
 * @throws RangeError for pixels that are no picture.
 */
export async function encodePicture(picture: Picture, format: 'png' | 'jpeg' = 'png'): Promise<Buffer> {
  requirePicture(picture, 'encodePicture');
  const { data, width, height } = picture;
  const image = sharp(data, { raw: { width, height, channels: 3 } });
  return (format === 'png' ? image.png() : image.jpeg({ quality: 92 })).toBuffer();
}
