import { posix } from 'node:path';
import * as v from 'valibot';
import { checkArguments, listOf, PATH, record, TEXT } from '../../core/arguments';
import { messageOf, UserError } from '../../core/errors';
import { mapConcurrently } from '../../core/mapConcurrently';
import { PICTURE_ENDINGS, stemOf } from '../../data/fileIndex';
import { recognise } from '../../data/import/recognise';
import { SourceFiles } from '../../data/import/sourceFiles';
import type { SourceObject } from '../../data/import/sourceSet';
import { type LabelMeaning, parseLabels } from '../../data/import/yoloLabels';
import { isNameFile } from '../../data/import/yoloNames';
import { readYoloSource } from '../../data/import/yoloSource';
import { readPictureHeader, uprightSize } from '../../data/picture/pictureHeader';
import { readText } from '../../data/textFile';
import { type Box, inPixels } from '../../grid/box';
import { isProperBox } from '../table/checks';
import { DetectionTableBuilder } from '../table/detectionTable';
import { GROUND_TRUTH, type GroundTruthTable, groundTruthTable } from '../table/groundTruthTable';
import type { ResultFiles } from './readResultFiles';

// Enough to keep a disk busy, far below the limit of open files.
const OPEN_FILES = 32;

/** Objects of a data set with YOLO's labels, and what its shares and numbers stand for. */
export interface YoloTruth {
  /** All objects; a picture's key is its path in the folder. */
  readonly groundTruth: GroundTruthTable;
  /**
   * Keys and sizes in pixels by the picture's name without folder and ending, which is all that a detections' file
   * tells.
   */
  readonly pictures: ReadonlyMap<string, { key: string; width: number; height: number }>;
  /** Class names by number. */
  readonly classes: readonly string[];
  /** What was passed over or understood in an unusual way, one sentence each. */
  readonly remarks: readonly string[];
}

/**
 * Reads ground truth in YOLO's form: a folder of pictures and label files with a data.yaml, classes.txt or file of
 * names. Shares become pixels of the pictures, of which no more than the size is read. A picture's key is its path in
 * the folder.
 *
 * @param folder - Of the data set.
 * @param list - `train`, `val` or `test`; may be left out where the folder has no lists, or one.
 * @throws UserError if the folder holds no such labels, something in it is wrong, several lists are there and none was
 * chosen, or two pictures have the same name, which detections can't tell apart.
 */
export async function readYoloTruth(folder: string, list?: string): Promise<YoloTruth> {
  checkArguments('readYoloTruth', { folder, list }, { folder: PATH, list: v.optional(TEXT) });
  const files = new SourceFiles(folder);
  const { yolo: labels } = recognise(files);
  if (labels.length === 0) {
    throw new UserError(
      `${folder}: holds no YOLO labels beside pictures; expected those, or the JSON file of COCO's form`,
    );
  }
  const { pictures: all, problems, remarks, classes = [] } = await readYoloSource(files, labels, undefined);
  if (problems.length > 0) {
    const [{ file, problem }] = problems;
    const others = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
    throw new UserError(`${files.path(file)}: ${problem}${others}`);
  }
  const lists = [...new Set(all.map((picture) => picture.list ?? 'without a list'))].sort();
  if (list === undefined ? lists.length > 1 : !lists.includes(list)) {
    const problem = list === undefined ? 'holds several lists' : `has no list '${list}'`;
    throw new UserError(`${folder}: ${problem}; give one with --split: ${lists.join(', ')}`);
  }
  const chosen = all.filter((picture) => list === undefined || picture.list === list);
  const read = await mapConcurrently(chosen, OPEN_FILES, async ({ picture: key, annotation, objects }) => {
    const { width, height } = uprightSize(await readPictureHeader(files.path(key)));
    const boxed = objects.map((object) => ({
      name: object.name,
      difficult: object.difficult,
      box: boxOf(object, { width, height }, files.path(annotation)),
    }));
    return { key, annotation: { id: key, width, height, objects: boxed } };
  });
  // A number may stand for nothing.
  const names = Object.values(classes);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new UserError(`${folder}: two classes are named '${twice}'; rename one`);
  const pictures = new Map<string, { key: string; width: number; height: number }>();
  for (const { key, annotation } of read) {
    const name = nameOf(key);
    const other = pictures.get(name)?.key;
    if (other !== undefined) {
      throw new UserError(
        `${folder}: ${other} and ${key} have the same name, which detections can't tell apart; rename one`,
      );
    }
    pictures.set(name, { key, width: annotation.width, height: annotation.height });
  }
  return { groundTruth: groundTruthTable(read, names), pictures, classes, remarks };
}

const TRUTH = record('what readYoloTruth gives', {
  groundTruth: GROUND_TRUTH,
  pictures: v.instance(Map, 'a Map'),
  ...{ classes: listOf('a list'), remarks: listOf('a list') },
});

/**
 * Reads detections in YOLO's form: a text file for each picture, named like it, with a line for each box: class number,
 * centre and size in shares of the picture's sides, confidence. A picture without a file has no detections.
 *
 * @param folder - Folder that holds the files, or folders of them.
 * @param truth - What {@link readYoloTruth} gave of the same data.
 * @throws UserError naming file and line for a line that is no detection, a file whose name is no picture's, or
 * two files of one picture.
 */
export async function readYoloResults(folder: string, truth: YoloTruth): Promise<ResultFiles> {
  checkArguments('readYoloResults', { folder, truth }, { folder: PATH, truth: TRUTH });
  const { groundTruth, pictures, classes, remarks } = truth;
  const files = new SourceFiles(folder);
  const texts = files.withEnding('.txt').filter((file) => !isNameFile(posix.basename(file)));
  if (texts.length === 0) {
    throw new UserError(`${folder}: holds no text files; expected one for each picture with detections`);
  }
  const numbers = new Map(groundTruth.index.classes.map((name, number) => [name, number]));
  const meaning: LabelMeaning = { classes, hasKeypoints: false, hasConfidence: true };
  const builder = new DetectionTableBuilder(groundTruth.index);
  const fileOf = new Map<string, string>();
  for (const file of texts) {
    const path = files.path(file);
    const name = nameOf(file);
    const picture = pictures.get(name);
    const other = fileOf.get(name);
    if (picture === undefined)
      throw new UserError(`${path}: the ground truth has no picture named '${name}'; remove the file`);
    if (other !== undefined) throw new UserError(`${path}: is of the same picture as ${other}; remove one`);
    fileOf.set(name, path);
    const number = groundTruth.index.pictureOf(picture.key)!;
    for (const label of await readLabels(path, meaning)) {
      const { left, top, right, bottom } = boxOf(label, picture, path);
      builder.add(number, numbers.get(label.name)!, label.confidence!, left, top, right, bottom);
    }
  }
  const detections = builder.build();
  const none = detections.length === 0 ? [`${folder}: the files hold no detection at all`] : [];
  return { detections, warnings: [...remarks, ...none] };
}

async function readLabels(path: string, meaning: LabelMeaning) {
  try {
    return parseLabels(await readText(path), meaning);
  } catch (error) {
    const message = messageOf(error);
    throw new UserError(message.startsWith(path) ? message : `${path}: ${message}`);
  }
}

/** An object's box in pixels, from its edges as shares of the picture's sides. */
function boxOf(object: SourceObject, size: { width: number; height: number }, path: string): Box {
  const box = inPixels(object, size);
  if (!isProperBox(box.left, box.top, box.right, box.bottom)) {
    throw new UserError(`${path}: a '${object.name}' has a box without an area; remove it`);
  }
  return box;
}

function nameOf(file: string): string {
  const name = posix.basename(file);
  return (stemOf(name, [...PICTURE_ENDINGS, '.txt']) ?? name).normalize('NFC');
}
