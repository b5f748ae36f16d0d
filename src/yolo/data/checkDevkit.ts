import { relative } from 'node:path';
import { counted } from '../core/counted';
import { UserError } from '../core/errors';
import { mapConcurrently } from '../core/mapConcurrently';
import { type Devkit, type DevkitOptions, openDevkit } from './devkit';
import { listNamed } from './import/lists';
import { annotatedView } from './picture/annotatedPicture';
import { orientationOf } from './picture/exif';
import { type ListedCopy, nearDuplicatesAcross, smallCopyOf } from './picture/nearDuplicates';
import { readPicture, readPictureFile } from './picture/picture';

/** One thing that is wrong. */
export interface Finding {
  /** The lists that the picture stands in, or the list that is wrong itself. */
  readonly lists: readonly string[];
  /** Path within the year's folder. */
  readonly file: string;
  /** The fault, and how to mend it. */
  readonly problem: string;
}

/** Answer of {@link checkDevkit}. */
export interface DevkitReport {
  /** Absolute path of the year's folder. */
  readonly folder: string;
  /** Class names in the order that numbers them. */
  readonly classes: readonly string[];
  /** Number of ids by list, without the lists of single classes. */
  readonly lists: Readonly<Record<string, number>>;
  /** Different pictures over all lists. */
  readonly pictures: number;
  /** Objects in the annotations that could be read, by class. */
  readonly objects: Readonly<Record<string, number>>;
  /** Everything that is wrong; empty for a year that can be trained and evaluated on. */
  readonly findings: readonly Finding[];
  /** One sentence for each thing that is worth knowing but not wrong. */
  readonly remarks: readonly string[];
}

// Pictures are decoded in libuv's four threads.
const AT_ONCE = 4;
/** Fewest objects of a class: with fewer it is not learned, and its average precision is left to chance. */
const FEW_OBJECTS = 10;
/** Names that stand for many. */
const NAMED = 5;

/**
 * Reads every annotation and decodes every picture of every list of one year's folder, and looks for what spoils a
 * training without being wrong: pictures without annotation, classes with few objects, look-alikes in two lists.
 *
 * @param yearFolder - Such as `data/VOCdevkit/VOC2012`.
 * @param options - Class names, where they are not those of the folder.
 * @throws UserError only if the folder is no year of a VOC devkit; all else is a finding.
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

  const remarks: string[] = [];
  const copies: ListedCopy[] = [];
  const objects = Object.fromEntries(devkit.classes.map((name) => [name, 0]));
  const problems = await mapConcurrently([...listsOf], AT_ONCE, async ([id, inLists]) => {
    const errors: unknown[] = [];
    try {
      const { imagePath, annotationPath } = devkit.item(id);
      const [annotation, picture] = await Promise.allSettled([
        devkit.readAnnotation(id, (remark) => remarks.push(`${id}: ${remark}`)),
        decodePicture(imagePath),
      ]);
      for (const result of [annotation, picture])
        if (result.status === 'rejected') errors.push(result.reason);
      if (picture.status === 'fulfilled') copies.push({ id, lists: inLists, copy: picture.value.copy });
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
  findings.push(...sharedPictures(listsOf));
  for (const { inLists, errors } of problems) for (const error of errors) note(inLists, error);
  remarks.push(...remarksOn(devkit, objects, copies));
  const { folder, classes } = devkit;
  return { folder, classes, lists, pictures: listsOf.size, objects, findings, remarks };
}

/** Pictures that would be trained on and evaluated on. */
function sharedPictures(listsOf: ReadonlyMap<string, readonly string[]>): Finding[] {
  const shared = new Map<string, { lists: readonly string[]; ids: string[] }>();
  for (const [id, lists] of listsOf) {
    for (const train of lists) {
      // What is called trainval holds val, but not test.
      const apart =
        listNamed(train) === 'train' ? ['val', 'test'] : /^trainval(?:\d{4})?$/i.test(train) ? ['test'] : [];
      for (const other of lists.filter((list) => apart.includes(listNamed(list) ?? ''))) {
        const pair = `${train} ${other}`;
        if (!shared.has(pair)) shared.set(pair, { lists: [train, other], ids: [] });
        shared.get(pair)!.ids.push(id);
      }
    }
  }
  return [...shared.values()].map(({ lists, ids }) => ({
    lists,
    file: `ImageSets/Main/${lists[1]}.txt`,
    problem: `names ${ids.length} of the pictures of '${lists[0]}' (${some(ids)}); take them out of one of the two: what is trained on is not evaluated on`,
  }));
}

/** Lists what spoils a training without being wrong. */
function remarksOn(
  devkit: Devkit,
  objects: Readonly<Record<string, number>>,
  copies: readonly ListedCopy[],
): string[] {
  const remarks: string[] = [];
  const bare = devkit.picturesWithoutAnnotation();
  if (bare.length > 0) {
    remarks.push(`${counted(bare.length, 'picture has', 'pictures have')} no annotation: ${some(bare)}`);
  }
  const counts = Object.entries(objects);
  const none = counts.filter(([, count]) => count === 0).map(([name]) => name);
  if (none.length > 0) remarks.push(`no object is of the classes ${some(none)}`);
  const few = counts.filter(([, count]) => count > 0 && count < FEW_OBJECTS);
  if (few.length > 0) {
    const shown = few.map(([name, count]) => `${name} ${count}`);
    remarks.push(
      `classes with fewer than ${FEW_OBJECTS} objects are neither learned nor judged well: ${some(shown)}`,
    );
  }
  const pairs = nearDuplicatesAcross([...copies].sort((a, b) => (a.id < b.id ? -1 : 1)));
  if (pairs.length > 0) {
    const shown = pairs.map(([a, b]) => `${a.id} (${a.lists.join(' ')}) and ${b.id} (${b.lists.join(' ')})`);
    remarks.push(
      `${counted(pairs.length, 'pair of pictures in different lists looks', 'pairs of pictures in different lists look')} the same, so that what is trained on is evaluated on: ${some(shown)}`,
    );
  }
  return remarks;
}

function some(names: readonly string[]): string {
  const others = names.length - NAMED;
  return `${names.slice(0, NAMED).join(', ')}${others > 0 ? ` and ${others} more` : ''}`;
}

interface Decoded {
  readonly width: number;
  readonly height: number;
  readonly orientation: number;
  readonly copy: Uint8Array;
}

async function decodePicture(path: string): Promise<Decoded> {
  const file = await readPictureFile(path);
  const picture = await readPicture(file, {}, path);
  const { width, height } = picture;
  return { width, height, orientation: await orientationOf(file), copy: smallCopyOf(picture) };
}

/** Errors begin with the file's path; in a table it has its own column, within the year's folder. */
function splitMessage({ folder }: Devkit, message: string): { file: string; problem: string } {
  const end = message.indexOf(': ', folder.length);
  return { file: relative(folder, message.slice(0, end)), problem: message.slice(end + 2) };
}
