import { type Dirent, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { posix, relative, resolve, sep } from 'node:path';
import { UserError } from '../../core/errors';
import { PICTURE_ENDINGS, stemOf } from '../fileIndex';

/** Folder names that hold pictures in one place and their annotations in another, with the same folders within. */
const HALVES = /^(?:annotations?|labels?|xmls?|images?|imgs?|jpegimages|pictures)$/i;

/** The files of a data set that someone brings, as paths within its folder, parted by `/` on every system. */
export class SourceFiles {
  /** Absolute path of the folder. */
  readonly root: string;
  readonly all: readonly string[];
  readonly pictures: readonly string[];
  readonly #byName = new Map<string, string[]>();

  /**
   * @param root - Names that begin with a dot, and what macOS puts into archives, are passed over. Links to folders are
   * followed, each folder once.
   * @throws {@link UserError} if it can't be listed.
   */
  constructor(root: string) {
    this.root = resolve(root);
    this.all = filesUnder(this.root);
    this.pictures = this.all.filter((file) => stemOf(posix.basename(file), PICTURE_ENDINGS) !== undefined);
    for (const file of this.pictures) {
      for (const name of [posix.basename(file), stemOf(posix.basename(file), PICTURE_ENDINGS)!]) {
        const key = plain(name).toLowerCase();
        const others = this.#byName.get(key);
        if (others) others.push(file);
        else this.#byName.set(key, [file]);
      }
    }
  }

  /** The files with an ending such as `.xml`, in capitals or not. */
  withEnding(ending: string): string[] {
    return this.all.filter((file) => file.toLowerCase().endsWith(ending));
  }

  path(file: string): string {
    return resolve(this.root, ...file.split('/'));
  }

  /** Pictures of this name, with its ending or without, in any folder; in other capitals where none has these. */
  picturesNamed(name: string): readonly string[] {
    const found = this.#byName.get(plain(name).toLowerCase()) ?? [];
    const exact = found.filter((file) => {
      const own = posix.basename(file);
      return [own, stemOf(own, PICTURE_ENDINGS)!].some((one) => plain(one) === plain(name));
    });
    return exact.length > 0 ? exact : found;
  }

  /** Why an annotation of this name was not matched with a picture, and what to do. */
  missingPicture(name: string): string {
    const several = this.picturesNamed(name);
    return several.length > 0
      ? `could be of ${several.slice(0, 3).join(' or ')}; keep one of them, or put it beside its own`
      : `no picture is named '${name}'; add it, or remove the annotation`;
  }

  /**
   * The pictures of annotation files: those beside them or in the folder's other half first.
   *
   * @param annotations - Names that the picture may have, each asked only where those before it name none or several.
   */
  match(annotations: ReadonlyMap<string, readonly string[]>): Map<string, string> {
    const matched = new Map<string, string>();
    const taken = new Set<string>();
    for (const isNear of [true, false]) {
      for (const [annotation, names] of annotations) {
        if (matched.has(annotation)) continue;
        const candidates = names.map((name) =>
          this.picturesNamed(name).filter(
            (picture) => !taken.has(picture) && (!isNear || placeOf(picture) === placeOf(annotation)),
          ),
        );
        const only = candidates.find(({ length }) => length === 1);
        if (!only) continue;
        matched.set(annotation, only[0]);
        taken.add(only[0]);
      }
    }
    return matched;
  }
}

function plain(name: string): string {
  return name.normalize('NFC');
}

/** A file's folder without the names that part pictures from annotations: the same for both. */
function placeOf(file: string): string {
  return posix
    .dirname(file)
    .split('/')
    .filter((part) => !HALVES.test(part))
    .join('/');
}

function filesUnder(root: string): string[] {
  const files: string[] = [];
  const links: string[] = [];
  const seen = new Set<string>();
  const walk = (folder: string) => {
    const entries = entriesIn(resolve(root, folder));
    const real = realpathSync(resolve(root, folder));
    const [top] = seen;
    // A link may lead out to a folder around the data set, or two of them to one folder.
    if (seen.has(real) || (top !== undefined && isWithin(top, real))) return;
    seen.add(real);
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const { name } = entry;
      if (name.startsWith('.') || name === '__MACOSX') continue;
      const file = folder === '' ? name : `${folder}/${name}`;
      if (entry.isDirectory()) walk(file);
      else if (entry.isFile()) files.push(file);
      else if (entry.isSymbolicLink()) {
        const target = statOf(resolve(root, file));
        // One that leads nowhere stays: whoever reads it says so. What is neither file nor folder could not be read to an end.
        if (target?.isDirectory()) links.push(file);
        else if (!target || target.isFile()) files.push(file);
      }
    }
  };
  walk('');
  // Folders that lie in the data set have their own names; what a link adds comes behind them.
  for (const link of links) walk(link);
  return files;
}

/** What a link leads to; undefined where that is nothing. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function entriesIn(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR') {
      throw new UserError(`${folder}: a file, expected the folder of a data set; unpack an archive first`);
    }
    throw new UserError(`${folder}: can't be listed (${code}); expected the folder of a data set`);
  }
}

/** Tells whether one folder lies in another, or is the same. */
export function isWithin(inner: string, outer: string): boolean {
  const path = relative(resolve(outer), resolve(inner));
  return path === '' || !(path === '..' || path.startsWith(`..${sep}`) || resolve(path) === path);
}
