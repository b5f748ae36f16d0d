import { relative } from 'node:path';
import { UserError } from '../core/errors';
import { mapConcurrently } from '../core/mapConcurrently';
import { type Devkit, type DevkitOptions, openDevkit } from './devkit';
import { annotatedView } from './picture/annotatedPicture';
import { orientationOf } from './picture/exif';
import { readPicture, readPictureFile } from './picture/picture';

/** One thing that is wrong. */
export interface Finding {
  /** The lists that the picture stands in, or the list that is wrong itself. */
  readonly lists: readonly string[];
  /** Path within the year's folder. */
  readonly file: string;
  /** What is wrong and what to do. */
  readonly problem: string;
}

/** What {@link checkDevkit} found. */
export interface DevkitReport {
  /** Absolute path of the year's folder. */
  readonly folder: string;
  readonly classes: readonly string[];
  /** Number of ids by list, without the lists of single classes. */
  readonly lists: Readonly<Record<string, number>>;
  /** Different pictures over all lists. */
  readonly pictures: number;
  /** Objects in the annotations that could be read, by class. */
  readonly objects: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
}

// Pictures are decoded in libuv's four threads.
const AT_ONCE = 4;

/**
 * Reads every annotation and decodes every picture of every list of one year's folder.
 *
 * @throws {@link UserError} only if the folder is no year of a VOC devkit; all else is a finding.
 */
export async function checkDevkit(yearFolder: string, options: DevkitOptions = {}): Promise<DevkitReport> {
  const devkit = openDevkit(yearFolder, options);
  const findings: Finding[] = [];
  const note = (lists: readonly string[], error: unknown) => {
    if (!(error instanceof UserError)) throw error;
    findings.push({ lists, ...splitMessage(devkit, error.message) });
  };

  const lists: Record<string, number> = {};
  const listsOf = new Map<string, string[]>();
  for (const list of [...devkit.splits, ...devkit.classLists]) {
    try {
      const ids = devkit.readIds(list);
      const ofOneClass = devkit.classLists.includes(list);
      if (!ofOneClass) lists[list] = ids.length;
      // Lists of single classes repeat what the others hold; only what stands in no other is theirs.
      for (const id of ids) {
        if (!ofOneClass || !listsOf.has(id)) listsOf.set(id, [...(listsOf.get(id) ?? []), list]);
      }
    } catch (error) {
      note([list], error);
    }
  }
  if (devkit.splits.length === 0) {
    findings.push({
      lists: [],
      file: 'ImageSets/Main',
      problem: 'holds no id list; expected train.txt or such',
    });
  }

  const objects = Object.fromEntries(devkit.classes.map((name) => [name, 0]));
  const problems = await mapConcurrently([...listsOf], AT_ONCE, async ([id, inLists]) => {
    const errors: unknown[] = [];
    try {
      const { imagePath, annotationPath } = devkit.item(id);
      const [annotation, picture] = await Promise.allSettled([
        devkit.readAnnotation(id),
        decodePicture(imagePath),
      ]);
      for (const result of [annotation, picture])
        if (result.status === 'rejected') errors.push(result.reason);
      if (annotation.status === 'fulfilled') {
        for (const { name } of annotation.value.objects) objects[name]++;
        if (picture.status === 'fulfilled') {
          const { width, height, objects: boxes } = annotation.value;
          const annotated = { path: annotationPath, width, height, objects: boxes.length };
          annotatedView(imagePath, annotated, picture.value, picture.value.orientation);
        }
      }
    } catch (error) {
      errors.push(error);
    }
    return { inLists, errors };
  });
  for (const { inLists, errors } of problems) for (const error of errors) note(inLists, error);
  return { folder: devkit.folder, classes: devkit.classes, lists, pictures: listsOf.size, objects, findings };
}

async function decodePicture(path: string): Promise<{ width: number; height: number; orientation: number }> {
  const file = await readPictureFile(path);
  const { width, height } = await readPicture(file, {}, path);
  return { width, height, orientation: await orientationOf(file) };
}

/** Errors begin with the file's path; in a table it has its own column, within the year's folder. */
function splitMessage({ folder }: Devkit, message: string): { file: string; problem: string } {
  const end = message.indexOf(': ', folder.length);
  return { file: relative(folder, message.slice(0, end)), problem: message.slice(end + 2) };
}
