import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../core/errors';

/** Endings of the pictures that can be decoded, in lower case. */
export const PICTURE_ENDINGS: readonly string[] = [
  '.jpg',
  '.jpeg',
  '.png',
  '.webp',
  '.bmp',
  '.tif',
  '.tiff',
  '.gif',
  '.avif',
];

/**
 * Splits a file name with one of the endings, in capitals or not.
 *
 * @returns The name without its ending, or undefined if it has none of them.
 */
export function stemOf(name: string, endings: readonly string[]): string | undefined {
  const lower = name.toLowerCase();
  const ending = endings.find((candidate) => lower.endsWith(candidate));
  return ending === undefined || ending.length === name.length ? undefined : name.slice(0, -ending.length);
}

/**
 * The files of one folder by their names without ending, whatever the ending's capitals. A name that is written with
 * composed letters finds the file that macOS stores with decomposed ones. The folder is read when the first is asked for.
 */
export class FileIndex {
  #names: Map<string, string[]> | undefined;

  constructor(
    readonly folder: string,
    private readonly endings: readonly string[],
  ) {}

  /** Tells whether there is a file of this name. */
  has(stem: string): boolean {
    return this.#read().has(stem.normalize('NFC'));
  }

  /**
   * Path of the file of this name, undefined if there is none.
   *
   * @throws {@link UserError} if there are several, such as `a.jpg` and `a.png`.
   */
  find(stem: string): string | undefined {
    const names = this.#read().get(stem.normalize('NFC')) ?? [];
    if (names.length > 1) {
      throw new UserError(
        `${join(this.folder, names[0])}: is not the only file of '${stem}', there is ${names.slice(1).join(', ')} as well; keep one of them`,
      );
    }
    return names.length === 0 ? undefined : join(this.folder, names[0]);
  }

  /** Names without ending, in the order of the folder. */
  stems(): string[] {
    return [...this.#read().keys()];
  }

  #read(): Map<string, string[]> {
    if (this.#names) return this.#names;
    const names = new Map<string, string[]>();
    for (const name of namesIn(this.folder)) {
      const stem = stemOf(name, this.endings)?.normalize('NFC');
      if (stem !== undefined && !name.startsWith('.')) names.set(stem, [...(names.get(stem) ?? []), name]);
    }
    this.#names = names;
    return names;
  }
}

/** A folder that isn't there holds nothing. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw new UserError(`${folder}: can't be listed (${code}); check its permissions`);
  }
}
