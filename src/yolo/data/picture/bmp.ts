import { UserError } from '../../core/errors';
import type { Picture } from './picture';

/** Bytes of the file's own header, before the one that describes the pixels. */
const FILE_HEADER = 14;
/** The oldest header of the pixels, with two bytes for a side and three for a colour. */
const OLD_HEADER = 12;
const UNCOMPRESSED = 0;
const MASKED = 3;

/**
 * Decodes an uncompressed BMP of 1, 4, 8, 24 or 32 bits a pixel; a fourth channel is passed over.
 *
 * @param name - What errors call the picture.
 * @throws {@link UserError} if it is cut off, or of a kind that is not decoded.
 */
export function decodeBmp(file: Buffer, name: string): Picture {
  const short = () => new UserError(`${name}: is damaged or cut off; fetch the picture again`);
  if (file.length < FILE_HEADER + OLD_HEADER) throw short();
  const start = file.readUInt32LE(10);
  const headerSize = file.readUInt32LE(FILE_HEADER);
  const old = headerSize === OLD_HEADER;
  if (file.length < FILE_HEADER + headerSize || (!old && headerSize < 40)) throw short();
  const width = old ? file.readUInt16LE(18) : file.readInt32LE(18);
  const signedHeight = old ? file.readUInt16LE(20) : file.readInt32LE(22);
  const bits = file.readUInt16LE(old ? 24 : 28);
  const compression = old ? UNCOMPRESSED : file.readUInt32LE(30);
  const isPlain = compression === UNCOMPRESSED && [1, 4, 8, 24, 32].includes(bits);
  if (!isPlain && !(compression === MASKED && bits === 32 && hasUsualMasks(file))) {
    throw new UserError(
      `${name}: is a BMP of ${bits} bits a pixel${compression === UNCOMPRESSED ? '' : ', compressed'}, which is not decoded; save it as PNG`,
    );
  }
  const height = Math.abs(signedHeight);
  // Rows fill up to four bytes.
  const stride = 4 * Math.ceil((width * bits) / 32);
  if (width < 1 || height < 1 || start + stride * height > file.length) throw short();
  const colours = bits <= 8 ? coloursOf(file, FILE_HEADER + headerSize, old ? 3 : 4, 1 << bits) : undefined;
  const data = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    // Rows go up, unless the height is negative.
    const row = start + stride * (signedHeight < 0 ? y : height - 1 - y);
    for (let x = 0; x < width; x++) {
      const to = 3 * (y * width + x);
      let from = row + (x * bits) / 8;
      let source: Uint8Array = file;
      if (colours) {
        const bit = x * bits;
        const index = (file[row + (bit >> 3)] >> (8 - bits - (bit & 7))) & ((1 << bits) - 1);
        from = 3 * index;
        source = colours;
      }
      data[to] = source[from + 2];
      data[to + 1] = source[from + 1];
      data[to + 2] = source[from];
    }
  }
  return { data, width, height };
}

/** The palette as blue, green and red; colours that the file doesn't name are black. */
function coloursOf(file: Buffer, start: number, size: number, count: number): Uint8Array {
  const colours = new Uint8Array(3 * count);
  for (let index = 0; index < count; index++) {
    for (let channel = 0; channel < 3; channel++) {
      colours[3 * index + channel] = file[start + size * index + channel] ?? 0;
    }
  }
  return colours;
}

/** Tells whether red, green and blue lie where a picture without masks has them. */
function hasUsualMasks(file: Buffer): boolean {
  const masks = FILE_HEADER + 40;
  if (file.length < masks + 12) return false;
  const [red, green, blue] = [0, 4, 8].map((offset) => file.readUInt32LE(masks + offset));
  return red === 0xff0000 && green === 0xff00 && blue === 0xff;
}
