import { readFileSync, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { TextDecoder } from 'node:util';
import { messageOf, UserError } from '../core/errors';

/** The text of a file, as {@link decodeText} reads it. @throws {@link UserError} also if it can't be read. */
export async function readText(path: string): Promise<string> {
  try {
    requireFile(await stat(path));
    return decodeText(await readFile(path), path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** The same at once, for the few files that say what the others are. */
export function readTextSync(path: string): string {
  try {
    requireFile(statSync(path));
    return decodeText(readFileSync(path), path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** A pipe would be waited for without end. */
function requireFile(found: { isFile(): boolean }): void {
  if (!found.isFile()) throw new Error('no file');
}

function unreadable(path: string, error: unknown): UserError {
  if (error instanceof UserError) return error;
  const why = (error as NodeJS.ErrnoException).code ?? messageOf(error);
  return new UserError(`${path}: can't be read (${why}); check what lies there and its permission`);
}

/**
 * The text of a file that someone's tool wrote: UTF-8, UTF-16 in either order (by its mark or its first character), or
 * the encoding that an XML declaration names. A byte order mark is no part of it.
 *
 * @param file - Path that errors name.
 * @throws {@link UserError} if the bytes are not of that encoding, or it is unknown.
 */
export function decodeText(bytes: Uint8Array, file: string): string {
  const encoding = encodingOf(bytes);
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(encoding, { fatal: true });
  } catch {
    throw new UserError(`${file}: declares the unknown encoding '${encoding}'; save it as UTF-8`);
  }
  try {
    return decoder.decode(bytes);
  } catch {
    throw new UserError(
      `${file}: is not ${encoding.toUpperCase()} throughout, so its names can't be read; save it as UTF-8`,
    );
  }
}

function encodingOf(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  // Without a mark: the first character is ASCII in XML, JSON and nearly every list, so its other byte is 0.
  if (bytes.length > 1 && first === 0 && second !== 0) return 'utf-16be';
  if (bytes.length > 1 && first !== 0 && second === 0) return 'utf-16le';
  const declaration = /^(?:\xef\xbb\xbf)?<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(
    Buffer.from(bytes.subarray(0, 200)).toString('latin1'),
  );
  const declared = declaration?.[1].toLowerCase() ?? 'utf-8';
  // It was just read byte by byte, so it can't be UTF-16: editors leave the word when they save as UTF-8.
  return declared.startsWith('utf-16') ? 'utf-8' : declared;
}
