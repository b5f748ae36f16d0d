import { createHash } from 'node:crypto';
import { checkArguments, listOf } from '../core/arguments';
import { UserError } from '../core/errors';
import { mapConcurrently } from '../core/mapConcurrently';
import type { Annotation } from './annotation';
import { type DatasetItem, DEVKIT_OPTIONS, type DevkitOptions, openDevkit } from './devkit';
import { PictureHashes } from './picture/pictureHashes';

/** One id list: a year's folder and the list's name. */
export interface DataSource {
  /** Path of the year's folder, such as `data/VOCdevkit/VOC2012`. */
  readonly folder: string;
  /** Name of the list, such as `train`. */
  readonly split: string;
}

/** A picture with its annotation. */
export interface AnnotatedItem extends DatasetItem {
  /** The picture's size and its objects. */
  readonly annotation: Annotation;
  /** SHA-256 (hexadecimal) of the picture's file. */
  readonly pictureHash: string;
}

/** Pictures of one or several lists, pooled in the order in which the lists were given. */
export interface Dataset {
  /** In the order of the lists. */
  readonly items: readonly AnnotatedItem[];
  /** Class names in the order that numbers them. */
  readonly classes: readonly string[];
  /** SHA-256 (hexadecimal) over classes, keys in order, what their annotations say, and the pictures' content. */
  readonly fingerprint: string;
}

// Enough to keep a disk busy, far below the limit of open files.
const OPEN_FILES = 32;

const SOURCES = listOf('a list of id lists, each of folder and split', (source) => {
  const { folder, split } = Object(source);
  return typeof folder === 'string' && typeof split === 'string';
});

/**
 * Reads all annotations of one or several id lists.
 *
 * Pictures are hashed (once: the hashes are kept in the cache folder) but not decoded: whether they can be and have the
 * annotated size shows when they are loaded, or in `yolov1 data check`.
 *
 * @param sources - Lists that are pooled, such as `findSource('VOC2012/train')`; no picture may be in two of them.
 * @param options - Class names, where they are not those of the folders.
 * @throws UserError for the first wrong list or annotation, or picture that isn't there; where two lists share a
 * picture; where two years have other classes.
 */
export async function loadDataset(
  sources: readonly DataSource[],
  options: DevkitOptions = {},
): Promise<Dataset> {
  checkArguments('loadDataset', { sources, options }, { sources: SOURCES, options: DEVKIT_OPTIONS });
  if (sources.length === 0)
    throw new UserError('no id list was given; give at least one, such as VOC2012/train');
  const items = new Map<string, AnnotatedItem>();
  let classes = options.classes;
  for (const { folder, split } of sources) {
    const devkit = openDevkit(folder, options);
    classes ??= devkit.classes;
    if (devkit.classes.join() !== classes.join()) {
      throw new UserError(
        `${devkit.folder}: its classes (${devkit.classes.join(', ')}) are not those of the lists before it (${classes.join(', ')}); pool only data of the same classes`,
      );
    }
    const hashes = await PictureHashes.open(devkit.folder);
    const read = await mapConcurrently(devkit.readIds(split), OPEN_FILES, async (id) => {
      const item = devkit.item(id);
      const annotation = await devkit.readAnnotation(id);
      return { ...item, annotation, pictureHash: await hashOfPicture(item, hashes) };
    });
    await hashes.save();
    for (const item of read) {
      if (items.has(item.key)) {
        throw new UserError(
          `${devkit.folder}: ${item.key} of list '${split}' is in an earlier list as well; pool lists without common pictures`,
        );
      }
      items.set(item.key, item);
    }
  }
  const all = [...items.values()];
  return { items: all, classes: classes!, fingerprint: fingerprintOf(all, classes!) };
}

/**
 * SHA-256 (hexadecimal) over the classes, and of every picture in order its key, what its annotation says, and its
 * content: everything that a training sees, not how the files are laid out.
 */
export function fingerprintOf(items: readonly AnnotatedItem[], classes: readonly string[]): string {
  const hash = createHash('sha256').update(`${JSON.stringify(classes)}\n`);
  for (const { key, annotation, pictureHash } of items) {
    const { width, height, objects } = annotation;
    const boxes = objects.map(({ name, box, difficult }) => [
      name,
      box.left,
      box.top,
      box.right,
      box.bottom,
      difficult,
    ]);
    hash.update(`${JSON.stringify([key, width, height, boxes, pictureHash])}\n`);
  }
  return hash.digest('hex');
}

async function hashOfPicture({ imagePath, id }: DatasetItem, hashes: PictureHashes): Promise<string> {
  try {
    return await hashes.of(imagePath);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT')
      throw new UserError(`${imagePath}: can't be read (${code}); check its permissions`);
    throw new UserError(`${imagePath}: no such picture; add it or take '${id}' out of its list`);
  }
}
