import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../core/errors';
import { readTextSync } from './textFile';

/** The 20 classes of PASCAL VOC in alphabetical order; a class's number is its place here. */
export const VOC_CLASSES: readonly string[] = [
  'aeroplane',
  'bicycle',
  'bird',
  'boat',
  'bottle',
  'bus',
  'car',
  'cat',
  'chair',
  'cow',
  'diningtable',
  'dog',
  'horse',
  'motorbike',
  'person',
  'pottedplant',
  'sheep',
  'sofa',
  'train',
  'tvmonitor',
];

/** File in a year's folder that names its classes, one a line, in the order that numbers them. */
export const CLASSES_FILE = 'classes.txt';

/**
 * Class names of a file, one a line.
 *
 * @returns Undefined if the folder has no such file.
 * @throws {@link UserError} if it names none, or one twice.
 */
export function readClassesFile(folder: string): string[] | undefined {
  const file = join(folder, CLASSES_FILE);
  if (!existsSync(file)) return undefined;
  const names = readTextSync(file)
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (names.length === 0) throw new UserError(`${file}: names no class; expected one a line, or remove it`);
  if (twice !== undefined) throw new UserError(`${file}: names '${twice}' twice; remove one of the lines`);
  return names;
}

/**
 * Lists of single classes among a year's id lists, such as `cat_train` beside `train`, with the class of each. A name
 * alone makes none (`my_train` is a list like any other): every line of such a list says whether the class is in the
 * picture. Of several lists that a name can end in, the longest is meant: `cat_mini_train` is of `mini_train`.
 *
 * @param isOfOneClass - Whether a list says so; asked only where the name allows it.
 */
export function classListsIn(
  names: readonly string[],
  isOfOneClass: (name: string) => boolean,
): Map<string, string> {
  const endings = (name: string) => names.filter((other) => name.endsWith(`_${other}`));
  const marked = new Set(names.filter((name) => endings(name).length > 0 && isOfOneClass(name)));
  const lists = new Map<string, string>();
  for (const name of marked) {
    const ofWhich = endings(name).filter((other) => !marked.has(other));
    const longest = Math.max(...ofWhich.map(({ length }) => length));
    if (ofWhich.length > 0) lists.set(name, name.slice(0, -longest - 1));
  }
  return lists;
}
