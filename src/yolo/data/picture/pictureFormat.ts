import { UserError } from '../../core/errors';

/** What can be decoded, as the end of a message. */
export const EXPECTED = 'expected a JPEG, PNG, WebP, BMP, TIFF, GIF or AVIF';

/** Formats that are told apart by their first bytes. */
export type PictureFormat = 'jpeg' | 'png' | 'webp' | 'bmp' | 'tiff' | 'gif' | 'avif' | 'heic';

const STARTS: readonly [PictureFormat, string][] = [
  ['jpeg', '\xff\xd8\xff'],
  ['png', '\x89PNG\r\n\x1a\n'],
  ['bmp', 'BM'],
  ['tiff', 'II*\0'],
  ['tiff', 'MM\0*'],
  ['gif', 'GIF8'],
];

/** The format of a picture by its first bytes, whatever its name; undefined for what is no picture. */
export function pictureFormatOf(file: Uint8Array): PictureFormat | undefined {
  const start = Buffer.from(file.buffer, file.byteOffset, Math.min(48, file.length)).toString('latin1');
  if (start.startsWith('RIFF') && start.slice(8, 12) === 'WEBP') return 'webp';
  if (start.slice(4, 8) === 'ftyp') {
    // Both are containers of the same kind; the brands that follow say what lies in them.
    if (/avi[fs]/.test(start.slice(8))) return 'avif';
    return /^(?:hei|hev|mif|msf)/.test(start.slice(8)) ? 'heic' : undefined;
  }
  return STARTS.find(([, bytes]) => start.startsWith(bytes))?.[0];
}

/** The format of a file that can be decoded. @throws {@link UserError} for another one, or no picture. */
export function requireFormat(file: Buffer, name: string): Exclude<PictureFormat, 'heic'> {
  const format = pictureFormatOf(file);
  if (format === undefined) throw new UserError(`${name}: can't be read as a picture; ${EXPECTED}`);
  if (format === 'heic') {
    throw new UserError(`${name}: is HEIC, which can't be decoded here; ${EXPECTED}, convert the picture`);
  }
  return format;
}
