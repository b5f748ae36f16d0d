import { type Dirent, readdirSync } from 'node:fs';
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
  readonly #byStem = new Map<string, string[]>();

  /**
   * @param root - Names that begin with a dot, and what macOS puts into archives, are passed over.
   * @throws {@link UserError} if it can't be listed.
   */
  constructor(root: string) {
    this.root = resolve(root);
    this.all = walk(this.root, '');
    this.pictures = this.all.filter((file) => stemOf(posix.basename(file), PICTURE_ENDINGS) !== undefined);
    for (const file of this.pictures) {
      const stem = stemOf(posix.basename(file), PICTURE_ENDINGS)!.normalize('NFC');
      this.#byStem.set(stem, [...(this.#byStem.get(stem) ?? []), file]);
    }
  }

  /** The files with an ending such as `.xml`, in capitals or not. */
  withEnding(ending: string): string[] {
    return this.all.filter((file) => file.toLowerCase().endsWith(ending));
  }

  path(file: string): string {
    return resolve(this.root, ...file.split('/'));
  }

  /** Pictures whose name without ending this is, in any folder. */
  picturesNamed(stem: string): readonly string[] {
    return this.#byStem.get(stem.normalize('NFC')) ?? [];
  }

  /** The pictures of annotation files, each by one name: those beside them or in the folder's other half first. */
  match(annotations: ReadonlyMap<string, readonly string[]>): Map<string, string> {
    const matched = new Map<string, string>();
    const taken = new Set<string>();
    for (const isNear of [true, false]) {
      for (const [annotation, stems] of annotations) {
        if (matched.has(annotation)) continue;
        const named = stems.flatMap((stem) => this.picturesNamed(stem));
        const candidates = [...new Set(named)].filter(
          (picture) => !taken.has(picture) && (!isNear || placeOf(picture) === placeOf(annotation)),
        );
        if (candidates.length !== 1) continue;
        matched.set(annotation, candidates[0]);
        taken.add(candidates[0]);
      }
    }
    return matched;
  }
}

/** A file's folder without the names that part pictures from annotations: the same for both. */
function placeOf(file: string): string {
  return posix
    .dirname(file)
    .split('/')
    .filter((part) => !HALVES.test(part))
    .join('/');
}

function walk(root: string, folder: string): string[] {
  return entriesIn(resolve(root, folder))
    .filter(({ name }) => !name.startsWith('.') && name !== '__MACOSX')
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const file = folder === '' ? entry.name : `${folder}/${entry.name}`;
      return entry.isDirectory() ? walk(root, file) : [file];
    });
}

function entriesIn(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError(`${folder}: can't be listed (${code}); expected the folder of a data set`);
  }
}

/** Tells whether one folder lies in another, or is the same. */
export function isWithin(inner: string, outer: string): boolean {
  const path = relative(resolve(outer), resolve(inner));
  return path === '' || !(path === '..' || path.startsWith(`..${sep}`) || resolve(path) === path);
}
