import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { allOptional, CLASSES, checkArguments, PATH } from '../core/arguments';
import { UserError } from '../core/errors';
import type { Annotation } from './annotation';
import { parseAnnotation } from './annotationFile';
import { CLASSES_FILE, classListsIn, readClassesFile, VOC_CLASSES } from './classes';
import { FileIndex, PICTURE_ENDINGS } from './fileIndex';
import { isOfOneClass, parseIdList } from './idList';
import { importHint } from './import/recognise';
import { readText, readTextSync } from './textFile';

/** One picture of a devkit and where its files are. */
export interface DatasetItem {
  /** Unique over the years: year folder and id, such as `VOC2012/2007_000032`. */
  readonly key: string;
  /** Picture id, unique within its year only. */
  readonly id: string;
  /** Name of the year's folder, such as `VOC2012`. */
  readonly year: string;
  /** Path of the picture, whether it is there or not. */
  readonly imagePath: string;
  /** Path of the annotation, whether it is there or not. */
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
  /** True if the folder or its caller names the classes; false where VOC's are assumed. */
  readonly namesClasses: boolean;
  /** Names of the id lists, such as `train` and `val`. */
  readonly splits: readonly string[];
  /** Names of the lists of single classes, such as `cat_train`. */
  readonly classLists: readonly string[];
  /**
   * Ids of a list in the list's order: those of `ImageSets/Main/<split>.txt`, one a line.
   *
   * @param split - Name of the list, such as `train`.
   * @throws UserError if the list is missing, empty, names an id twice or one that is no file name.
   */
  readIds(split: string): string[];
  /**
   * The files of one picture, `<id>.jpg` and `<id>.xml` where there are none.
   *
   * @param id - As a list has it, without the year.
   * @throws UserError if there are several pictures or annotations of this id.
   */
  item(id: string): DatasetItem;
  /** Names of the pictures that have no annotation, whether a list names them or not. */
  picturesWithoutAnnotation(): string[];
  /**
   * Reads the annotation of one picture.
   *
   * @param id - As a list has it, without the year.
   * @param remark - Told what was understood though it is written in an unusual way.
   * @throws UserError if the annotation is missing or says something impossible.
   */
  readAnnotation(id: string, remark?: (text: string) => void): Promise<Annotation>;
}

/** Options of {@link openDevkit}. */
export interface DevkitOptions {
  /**
   * Class names in the order that numbers them. Default: those of the folder's `classes.txt`, one a line; else those it
   * has lists of (`circle_train.txt` beside `train.txt`, with 1, 0 or -1 behind every id), in alphabetical order; else
   * {@link VOC_CLASSES}.
   */
  classes?: readonly string[];
}

export const DEVKIT_OPTIONS = allOptional({ classes: CLASSES });

/**
 * Opens one year's folder. Reads its lists of classes, nothing else.
 *
 * @param yearFolder - Such as `data/VOCdevkit/VOC2012`.
 * @param options - Class names, where they are not those of the folder.
 * @throws UserError if the folder is missing or is no year's folder of a VOC devkit.
 */
export function openDevkit(yearFolder: string, options: DevkitOptions = {}): Devkit {
  checkArguments('openDevkit', { yearFolder, options }, { yearFolder: PATH, options: DEVKIT_OPTIONS });
  const folder = resolve(yearFolder);
  // Evaluating someone's detections takes no pictures; who reads one is told if it is missing.
  for (const needed of ['', 'ImageSets/Main', 'Annotations']) requireFolder(folder, needed);
  const listFolder = join(folder, 'ImageSets', 'Main');
  const names = readdirSync(listFolder)
    .filter((name) => name.endsWith('.txt') && !name.startsWith('.'))
    .map((name) => name.slice(0, -'.txt'.length))
    .sort();
  const pictures = new FileIndex(join(folder, 'JPEGImages'), PICTURE_ENDINGS);
  const annotations = new FileIndex(join(folder, 'Annotations'), ['.xml']);
  const isThere = (id: string) => pictures.has(id) || annotations.has(id);
  const fileOf = (list: string) => join(listFolder, `${list}.txt`);
  const textOf = (list: string) => readTextSync(fileOf(list));
  const ofOneClass = classListsIn(names, (list) => {
    try {
      return isOfOneClass(textOf(list), isThere);
    } catch (error) {
      // Whoever reads the list is told what is wrong with it.
      if (error instanceof UserError) return false;
      throw error;
    }
  });
  const splits = names.filter((name) => !ofOneClass.has(name));
  const listed = [...new Set(ofOneClass.values())].sort();
  const named = options.classes ?? readClassesFile(folder) ?? (listed.length > 0 ? listed : undefined);
  const classes = named ?? VOC_CLASSES;
  const year = basename(folder);

  const item = (id: string): DatasetItem => ({
    key: `${year}/${id}`,
    id,
    year,
    imagePath: pictures.find(id) ?? join(pictures.folder, `${id}.jpg`),
    annotationPath: annotations.find(id) ?? join(annotations.folder, `${id}.xml`),
  });
  return {
    folder,
    year,
    classes,
    namesClasses: named !== undefined,
    splits,
    classLists: [...ofOneClass.keys()],
    item,
    readIds(split) {
      if (!names.includes(split)) {
        const known = splits.length > 0 ? `its lists are ${splits.join(', ')}` : 'it has no lists at all';
        throw new UserError(`${fileOf(split)}: no such id list; ${known}`);
      }
      return parseIdList(textOf(split), fileOf(split), isThere);
    },
    picturesWithoutAnnotation: () => pictures.stems().filter((id) => !annotations.has(id)),
    async readAnnotation(id, remark) {
      const file = item(id).annotationPath;
      if (!existsSync(file)) {
        throw new UserError(`${file}: no such annotation; add it or take '${id}' out of its list`);
      }
      return parseAnnotation(await readText(file), {
        id,
        file,
        classes,
        classAdvice: options.classes
          ? 'correct the name, or add the class to those that were given'
          : named
            ? `correct the name, or name the class in ${join(folder, CLASSES_FILE)}`
            : `correct the name; or, since the folder names no classes and VOC's are assumed, write those of this data to ${join(folder, CLASSES_FILE)}, one a line`,
        remark,
      });
    },
  };
}

function requireFolder(folder: string, needed: string): void {
  const path = join(folder, needed);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  const hint = existsSync(folder) ? (importHint(folder) ?? '') : '';
  throw new UserError(
    `${path}: no such folder; expected one year of a VOC devkit, such as data/VOCdevkit/VOC2012, with ` +
      `JPEGImages, Annotations and ImageSets/Main inside${hint}`,
  );
}
