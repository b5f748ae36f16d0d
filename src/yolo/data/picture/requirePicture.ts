import type { Picture } from './picture';

/**
 * Refuses pixels that are no picture: a size that is none, or another number of bytes.
 *
 * @param where - What errors call it, such as `toInput`.
 * @throws RangeError naming the field, what came and what was expected.
 */
export function requirePicture({ data, width, height }: Picture, where: string): void {
  for (const [side, pixels] of Object.entries({ width, height })) {
    if (!(Number.isInteger(pixels) && pixels > 0)) {
      throw new RangeError(`${where}: picture.${side} is ${pixels}, expected a whole number above 0`);
    }
  }
  if (data.length !== width * height * 3) {
    throw new RangeError(
      `${where}: picture.data has ${data.length} bytes, expected ${width * height * 3}, ` +
        `red, green and blue of ${width} x ${height} pixels`,
    );
  }
}
