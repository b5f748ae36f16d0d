import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { COUNT, checkArguments, PATH, record, SEED } from '../../core/arguments';
import { messageOf, UserError } from '../../core/errors';
import { mapConcurrently } from '../../core/mapConcurrently';
import { syncFolder } from '../../core/wholeFile';
import type { Annotation } from '../annotation';
import { formatAnnotation } from '../annotationFile';
import { encodePicture } from '../picture/encodePicture';
import { generateScene } from './scene';
import { SCENE_CLASSES } from './shapes';

/** Options of the generated folder; the same in every field give the same folder. */
export interface ScenesDevkitOptions {
  /** Pictures in the list `train`. */
  train: number;
  /** Pictures in the list `val`. */
  val: number;
  /** Seed of all pictures. Default 0. */
  seed?: number | string;
  /** Name of the year's folder. Default `Scenes`. */
  year?: string;
}

const OPTIONS = record('the numbers of pictures', {
  ...{ train: COUNT, val: COUNT },
  ...{ seed: v.optional(SEED), year: v.optional(PATH) },
});

/** Lies in a generated folder and says from what it was made; a folder without it is never replaced. */
const MARKER = 'generated.json';
// Raised when scenes change, so that folders of an older program are made again.
const VERSION = 2;

/**
 * Writes generated scenes as one year of a VOC devkit: pictures, annotations, id lists (`train`, `val`, `trainval`)
 * and lists by class. The folder appears complete or not at all; one that is there already with the same options
 * is left as it is, one with other options is replaced.
 *
 * @param devkitFolder - Folder that holds the years; made if it isn't there.
 * @param options - How many pictures, and from which seed.
 * @returns Path of the year's folder.
 * @throws UserError if the year's folder is there and was not generated, or can't be written; for an argument of
 * another kind.
 */
export async function writeScenesDevkit(devkitFolder: string, options: ScenesDevkitOptions): Promise<string> {
  checkArguments('writeScenesDevkit', { devkitFolder, options }, { devkitFolder: PATH, options: OPTIONS });
  const { train, val, seed = 0, year = 'Scenes' } = options;
  const folder = join(devkitFolder, year);
  const marker = `${JSON.stringify({ version: VERSION, train, val, seed })}\n`;
  if (await isUpToDate(folder, marker)) return folder;

  // A name that begins with a dot is not taken for a year if the process is killed before the folder is complete.
  const draft = join(devkitFolder, `.${year}.${randomBytes(4).toString('hex')}.partial`);
  try {
    const ids = Array.from({ length: train + val }, (_, index) => String(index + 1).padStart(6, '0'));
    for (const part of ['JPEGImages', 'Annotations', join('ImageSets', 'Main')]) {
      await mkdir(join(draft, part), { recursive: true });
    }
    const annotations = await mapConcurrently(ids, 4, async (id) => {
      const { picture, annotation } = await generateScene(`${seed}/${id}`, { id });
      await writeFile(join(draft, 'JPEGImages', `${id}.jpg`), await encodePicture(picture, 'jpeg'));
      await writeFile(join(draft, 'Annotations', `${id}.xml`), formatAnnotation(annotation, year));
      return annotation;
    });
    await writeLists(join(draft, 'ImageSets', 'Main'), 'train', annotations.slice(0, train));
    await writeLists(join(draft, 'ImageSets', 'Main'), 'val', annotations.slice(train));
    await writeLists(join(draft, 'ImageSets', 'Main'), 'trainval', annotations);
    await writeFile(join(draft, MARKER), marker);
    await putInPlace(draft, folder, marker);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${folder}: can't be written (${messageOf(error)}); check space and permissions`);
  } finally {
    // Where nothing could be written, there is nothing to remove either.
    await rm(draft, { recursive: true, force: true }).catch(() => undefined);
  }
  return folder;
}

async function isUpToDate(folder: string, marker: string): Promise<boolean> {
  if (!existsSync(folder)) return false;
  const found = await readFile(join(folder, MARKER), 'utf8').catch(() => undefined);
  if (found === undefined) {
    throw new UserError(`${folder}: is there and was not generated; give another folder or move it away`);
  }
  return found === marker;
}

/** The id list of a split, and for every class the same with 1 where the class is in the picture, else -1. */
async function writeLists(folder: string, split: string, annotations: readonly Annotation[]): Promise<void> {
  await writeFile(join(folder, `${split}.txt`), annotations.map(({ id }) => `${id}\n`).join(''));
  for (const name of SCENE_CLASSES) {
    const lines = annotations.map(({ id, objects }) => {
      const flag = objects.some((object) => object.name === name) ? 1 : -1;
      return `${id} ${String(flag).padStart(2)}\n`;
    });
    await writeFile(join(folder, `${name}_${split}.txt`), lines.join(''));
  }
}

async function putInPlace(draft: string, folder: string, marker: string): Promise<void> {
  const old = `${draft}.old`;
  await syncFolder(draft);
  // Another process may have made the same in the meantime, or be putting an outdated folder aside just now.
  if (await isUpToDate(folder, marker)) return;
  await rename(folder, old).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  try {
    await rename(draft, folder);
  } catch (error) {
    // Another process was quicker: its folder is as good, if it holds the same.
    if (!(await isUpToDate(folder, marker))) throw error;
  }
  await syncFolder(dirname(folder));
  await rm(old, { recursive: true, force: true });
}
