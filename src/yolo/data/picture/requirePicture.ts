import * as v from 'valibot';
import { COUNT, checkArguments, record } from '../../core/arguments';
import { counted } from '../../core/counted';
import { UserError } from '../../core/errors';
import type { Picture } from './picture';

const PICTURE = record('a picture', {
  data: v.instance(Uint8Array, 'bytes'),
  width: COUNT,
  height: COUNT,
});

/**
 * Refuses pixels that are no picture: a size that is none, or another number of bytes.
 *
 * @param where - What errors call it, such as `toInput`.
 * @throws UserError naming the field, what came and what was expected.
 */
export function requirePicture(picture: Picture, where: string): void {
  checkArguments(where, { picture }, { picture: PICTURE });
  const { data, width, height } = picture;
  if (data.length !== width * height * 3) {
    throw new UserError(
      `${where}: picture.data has ${counted(data.length, 'byte')}, expected ${width * height * 3}, ` +
        `red, green and blue of ${width} x ${height} pixels`,
    );
  }
}
