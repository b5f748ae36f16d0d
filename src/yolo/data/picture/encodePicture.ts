import sharp from 'sharp';
import { checkArguments } from '../../core/arguments';
import { oneOf } from '../../core/form';
import type { Picture } from './picture';
import { requirePicture } from './requirePicture';

/**
 * A picture as the content of a file.
 *
 * @param picture - Decoded, or drawn.
 * @param format - `png` keeps every pixel; `jpeg` is written at quality 92.
 * @throws UserError for pixels that are no picture, or another format.
 */
export async function encodePicture(picture: Picture, format: 'png' | 'jpeg' = 'png'): Promise<Buffer> {
  requirePicture(picture, 'encodePicture');
  checkArguments('encodePicture', { format }, { format: oneOf(['png', 'jpeg']) });
  const { data, width, height } = picture;
  const image = sharp(data, { raw: { width, height, channels: 3 } });
  return (format === 'png' ? image.png() : image.jpeg({ quality: 92 })).toBuffer();
}
