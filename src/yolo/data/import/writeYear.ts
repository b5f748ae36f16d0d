import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, link, mkdir, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import sharp from 'sharp';
import { messageOf, UserError } from '../../core/errors';
import { mapConcurrently } from '../../core/mapConcurrently';
import type { Annotation } from '../annotation';
import { formatAnnotation } from '../annotationFile';
import { CLASSES_FILE } from '../classes';
import { readPictureFile } from '../picture/picture';

/** One picture of the year to write. */
export interface YearPicture {
  /** Absolute path of the picture. */
  readonly source: string;
  readonly list: string;
  readonly annotation: Annotation;
  /** Write the pixels anew, upright or as they are stored, without an EXIF orientation. Default: link the file. */
  readonly rewrite?: 'turned' | 'stored';
}

/** How the pictures came into the year. */
export interface Placed {
  linked: number;
  copied: number;
  rewritten: number;
}

const OPEN_FILES = 32;
const QUALITY = 95;

/**
 * Writes a year of a devkit: annotations, lists, class names, and pictures as links. The folder appears complete or not
 * at all.
 *
 * @throws {@link UserError} if it is there already or can't be written.
 */
export async function writeYear(
  folder: string,
  pictures: readonly YearPicture[],
  classes: readonly string[],
): Promise<Placed> {
  const parent = dirname(folder);
  // A name that begins with a dot is not taken for a year if the process is killed before the folder is complete.
  const draft = join(parent, `.${basename(folder)}.${randomBytes(4).toString('hex')}.partial`);
  const placed: Placed = { linked: 0, copied: 0, rewritten: 0 };
  try {
    for (const part of ['JPEGImages', 'Annotations', join('ImageSets', 'Main')]) {
      await mkdir(join(draft, part), { recursive: true });
    }
    await mapConcurrently(pictures, OPEN_FILES, async ({ source, annotation, rewrite }) => {
      const file = `${annotation.id}${extname(source)}`;
      const xml = formatAnnotation(annotation, basename(folder), file);
      await writeFile(join(draft, 'Annotations', `${annotation.id}.xml`), xml);
      const target = join(draft, 'JPEGImages', file);
      if (rewrite) {
        await writeFile(target, await withoutOrientation(source, rewrite));
        placed.rewritten++;
      } else placed[await place(source, target)]++;
    });
    for (const list of new Set(pictures.map((picture) => picture.list))) {
      const ids = pictures.filter((picture) => picture.list === list).map(({ annotation }) => annotation.id);
      await writeFile(join(draft, 'ImageSets', 'Main', `${list}.txt`), ids.map((id) => `${id}\n`).join(''));
    }
    await writeFile(join(draft, CLASSES_FILE), classes.map((name) => `${name}\n`).join(''));
    if (existsSync(folder)) throw new UserError(`${folder}: is there already; nothing was replaced`);
    await rename(draft, folder);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${folder}: can't be written (${messageOf(error)}); check space and permissions`);
  } finally {
    await rm(draft, { recursive: true, force: true }).catch(() => undefined);
  }
  return placed;
}

/** A second name of the same file where the disk allows it; on another disk a link to its path; else a copy. */
async function place(source: string, target: string): Promise<'linked' | 'copied'> {
  const file = await realpath(source);
  for (const make of [() => link(file, target), () => symlink(file, target)]) {
    try {
      await make();
      return 'linked';
    } catch {
      // The next way may be open.
    }
  }
  await copyFile(file, target);
  return 'copied';
}

async function withoutOrientation(source: string, view: 'turned' | 'stored'): Promise<Buffer> {
  const file = await readPictureFile(source);
  const { format } = await sharp(file).metadata();
  const image = view === 'turned' ? sharp(file).autoOrient() : sharp(file);
  return image
    .toFormat(format, { quality: QUALITY, ...(format === 'jpeg' ? { chromaSubsampling: '4:4:4' } : {}) })
    .toBuffer();
}
