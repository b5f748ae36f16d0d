import { checkArguments, listOf, TEXT } from '../../core/arguments';
import { UserError } from '../../core/errors';
import { mapConcurrently } from '../../core/mapConcurrently';
import { DEVKIT_OPTIONS, type DevkitOptions, openDevkit } from '../../data/devkit';
import { type AnnotatedPicture, type GroundTruthTable, groundTruthTable } from '../table/groundTruthTable';

// Enough to keep a disk busy, far below the limit of open files.
const OPEN_FILES = 32;

const ARGUMENTS = {
  folders: listOf("a list of one or more years' folders", (folder) => typeof folder === 'string', 1),
  split: TEXT,
  options: DEVKIT_OPTIONS,
};

/**
 * Reads the objects of an id list from one or several years' folders, pooled. Only annotations are read: an evaluation
 * needs no picture.
 *
 * @param folders - Years' folders, such as `data/VOCdevkit/VOC2012`.
 * @param split - Name of the id list, such as `val`, which every folder has.
 * @param options - Class names, where they are not those of the folders.
 * @throws UserError if a folder, list or annotation is missing or wrong, if two folders have the same name or
 * other classes.
 */
export async function readGroundTruth(
  folders: readonly string[],
  split: string,
  options: DevkitOptions = {},
): Promise<GroundTruthTable> {
  checkArguments('readGroundTruth', { folders, split, options }, ARGUMENTS);
  const devkits = folders.map((folder) => openDevkit(folder, options));
  const pictures: AnnotatedPicture[] = [];
  for (const [index, devkit] of devkits.entries()) {
    const { folder, year, classes } = devkit;
    if (devkits.findIndex((other) => other.year === year) < index) {
      throw new UserError(
        `${folder}: a folder named ${year} was given before; give each year once, in folders of different names`,
      );
    }
    if (classes.join() !== devkits[0].classes.join()) {
      throw new UserError(
        `${folder}: its classes (${classes.join(', ')}) are not those of ${devkits[0].folder} (${devkits[0].classes.join(', ')}); pool only data of the same classes`,
      );
    }
    const read = await mapConcurrently(devkit.readIds(split), OPEN_FILES, async (id) => ({
      key: devkit.item(id).key,
      annotation: await devkit.readAnnotation(id),
    }));
    pictures.push(...read);
  }
  return groundTruthTable(pictures, devkits[0].classes);
}
