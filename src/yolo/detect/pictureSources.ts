import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { explaining, messageOf, UserError } from '../core/errors';
import { PICTURE_ENDINGS } from '../data/fileIndex';
import { fetchPicture } from './fetchPicture';
import { filesLike, isPattern } from './filesLike';

/** A picture to look at, or the reason why there is none. */
export type PictureSource = {
  /** As the user named it: a path or an address. */
  readonly name: string;
} & (
  | {
      /** The file: `name` itself, or the copy of what an address gave. */
      readonly path: string;
    }
  | { readonly error: string }
);

/**
 * The pictures that a command line names, in its order: files, folders (their pictures by name, without folders in
 * them), patterns with `*`, `**` and `?`, and http(s) addresses.
 *
 * @param copies - Folder for the pictures that addresses give.
 * @param signal - Ends it while an address is fetched; its reason is thrown.
 * @returns Each picture once a mention; a source that gives none has an entry that says why.
 */
export async function findPictures(
  sources: readonly string[],
  copies: string,
  signal?: AbortSignal,
): Promise<PictureSource[]> {
  const found: PictureSource[] = [];
  for (const source of sources) {
    try {
      found.push(...(await picturesOf(source, copies, signal)));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      found.push({ name: source, error: messageOf(error) });
    }
  }
  return found;
}

async function picturesOf(source: string, copies: string, signal?: AbortSignal): Promise<PictureSource[]> {
  if (/^https?:\/\//i.test(source)) {
    return [{ name: source, path: await fetchPicture(source, copies, { signal }) }];
  }
  const here = (paths: readonly string[]) => paths.map((path) => ({ name: path, path }));
  // Of what is taken out of a folder or for a pattern; a file that is named may have any ending.
  const isPicture = (path: string) => PICTURE_ENDINGS.includes(extname(path).toLowerCase());
  const endings = PICTURE_ENDINGS.join(', ');
  if ((await stat(source).catch(() => undefined))?.isDirectory()) {
    const names = await explaining(`${source}: can't be read`, 'check its permission', () => readdir(source));
    const pictures = names.filter(isPicture).sort();
    if (pictures.length === 0) {
      throw new UserError(`${source}: has no picture in it; expected files that end in ${endings}`);
    }
    return here(pictures.map((name) => join(source, name)));
  }
  // A file may bear the characters of a pattern.
  if (isPattern(source) && !existsSync(source)) {
    const pictures = (await filesLike(source)).filter(isPicture);
    if (pictures.length === 0) {
      throw new UserError(`${source}: no picture is called like this; expected files that end in ${endings}`);
    }
    return here(pictures);
  }
  return here([source]);
}
