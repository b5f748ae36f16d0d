import { readdirSync, readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { UserError } from '../core/errors';
import type { Annotation } from './annotation';
import { parseAnnotation } from './annotationFile';
import { VOC_CLASSES } from './classes';

/** One picture of a devkit and where its files are. */
export interface DatasetItem {
  /** Unique over the years: year folder and id, such as `VOC2012/2007_000032`. */
  readonly key: string;
  /** Picture id, unique within its year only. */
  readonly id: string;
  /** Name of the year's folder, such as `VOC2012`. */
  readonly year: string;
  readonly imagePath: string;
  readonly annotationPath: string;
}

/** One year's folder of a VOC devkit: `JPEGImages/`, `Annotations/` and `ImageSets/Main/`. */
export interface Devkit {
  /** Absolute path of the year's folder. */
  readonly folder: string;
  /** Its name, such as `VOC2012`. */
  readonly year: string;
  /** Classes that annotations may name, in the order that numbers them. */
  readonly classes: readonly string[];
  /** Names of the id lists, such as `train` and `val`. */
  readonly splits: readonly string[];
  /** Names of the lists of single classes, such as `cat_train`. */
  readonly classLists: readonly string[];
  /**
   * Ids of a list in the list's order: the first column of `ImageSets/Main/<split>.txt`.
   *
   * @throws {@link UserError} if the list is missing, empty, names an id twice or one that is no file name.
   */
  readIds(split: string): string[];
  /** The files of one picture; doesn't look whether they exist. */
  item(id: string): DatasetItem;
  /** @throws {@link UserError} if the annotation is missing or says something impossible. */
  readAnnotation(id: string): Promise<Annotation>;
}

/** Options of {@link openDevkit}. */
export interface DevkitOptions {
  /**
   * Class names. Default: those the folder has lists of (`circle_train.txt` beside `train.txt`), in alphabetical order,
   * else {@link VOC_CLASSES}.
   */
  classes?: readonly string[];
}

/**
 * Opens one year's folder, such as `data/VOCdevkit/VOC2012`. Reads the names of its id lists, nothing else.
 *
 * @throws {@link UserError} if the folder is missing or is no year's folder of a VOC devkit.
 */
export function openDevkit(yearFolder: string, options: DevkitOptions = {}): Devkit {
  const folder = resolve(yearFolder);
  // Evaluating someone's detections takes no pictures; who reads one is told if it is missing.
  for (const needed of ['', 'ImageSets/Main', 'Annotations']) requireFolder(folder, needed);
  const listFolder = join(folder, 'ImageSets', 'Main');
  const names = readdirSync(listFolder)
    .filter((name) => name.endsWith('.txt'))
    .map((name) => name.slice(0, -'.txt'.length))
    .sort();
  const ofOneClass = new Map(names.map((name) => [name, classOfList(name, names)]));
  const splits = names.filter((name) => !ofOneClass.get(name));
  const listed = [...new Set(ofOneClass.values())]
    .filter((name): name is string => name !== undefined)
    .sort();
  const classes = options.classes ?? (listed.length > 0 ? listed : VOC_CLASSES);
  const year = basename(folder);

  const item = (id: string): DatasetItem => ({
    key: `${year}/${id}`,
    id,
    year,
    imagePath: join(folder, 'JPEGImages', `${id}.jpg`),
    annotationPath: join(folder, 'Annotations', `${id}.xml`),
  });
  return {
    folder,
    year,
    classes,
    splits,
    classLists: names.filter((name) => ofOneClass.get(name)),
    item,
    readIds(split) {
      const file = join(listFolder, `${split}.txt`);
      if (!names.includes(split)) {
        const known = splits.length > 0 ? `its lists are ${splits.join(', ')}` : 'it has no lists at all';
        throw new UserError(`${file}: no such id list; ${known}`);
      }
      return parseIdList(readFileSync(file, 'utf8'), file);
    },
    async readAnnotation(id) {
      const file = item(id).annotationPath;
      return parseAnnotation(await readAnnotationText(file, id), id, file, classes);
    },
  };
}

function requireFolder(folder: string, needed: string): void {
  const path = join(folder, needed);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new UserError(
    `${path}: no such folder; expected one year of a VOC devkit, such as data/VOCdevkit/VOC2012, with ` +
      'JPEGImages, Annotations and ImageSets/Main inside',
  );
}

/** The class of a list such as `aeroplane_train`, where the list `train` is there as well. */
function classOfList(name: string, names: readonly string[]): string | undefined {
  const split = names.find((other) => name.endsWith(`_${other}`));
  return split === undefined ? undefined : name.slice(0, -split.length - 1);
}

function parseIdList(text: string, file: string): string[] {
  const seen = new Set<string>();
  text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .forEach((line, index) => {
      // Lists of single classes have a second column, 1, 0 or -1: whether the class is in the picture.
      const [id] = line.trim().split(/\s+/);
      if (!id) return;
      const where = `${file}: line ${index + 1}`;
      if (/[/\\\0]/.test(id) || id === '.' || id === '..') {
        throw new UserError(
          `${where}: '${id}' is no picture id; expected a file name without folder and ending`,
        );
      }
      if (seen.has(id)) throw new UserError(`${where}: id '${id}' stands here twice; remove one of the two`);
      seen.add(id);
    });
  if (seen.size === 0) {
    throw new UserError(`${file}: the id list is empty; expected one picture id a line, such as 2007_000032`);
  }
  return [...seen];
}

async function readAnnotationText(file: string, id: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') throw new UserError(`${file}: can't be read (${message}); check its permissions`);
    throw new UserError(`${file}: no such annotation; add it or take '${id}' out of its list`);
  }
}
