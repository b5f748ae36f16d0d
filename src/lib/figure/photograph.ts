import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import sharp from 'sharp';
import { UserError } from 'yolov1';
import { type AnnotatedObject, type Devkit, findDevkits, openDevkit } from 'yolov1/data';

/** Widest a photograph is kept, pixels: twice what it is shown at. */
const WIDEST = 480;
const QUALITY = 72;

/** A photograph of the user's own data, small enough for a page. */
export interface Photograph {
  /** Size of the original, pixels; the annotation's boxes are in these. */
  width: number;
  height: number;
  /** Content of a WebP file. */
  file: Buffer;
  /** Annotated objects; none if the annotation is missing. */
  objects: readonly AnnotatedObject[];
}

/**
 * Reads photographs from VOC data, by year folder and id such as `VOC2012/2008_000075`.
 *
 * @param keys - From wherever they come: only names without dots and slashes are looked for.
 * @param dataFolder - Default: `$YOLOV1_DATA`, else `data/VOCdevkit`.
 * @returns Those that are there; all others are missing from the map.
 * @throws RangeError for a key of another form; UserError for a picture or an annotation that can't be read.
 */
export async function readPhotographs(
  keys: readonly string[],
  dataFolder?: string,
): Promise<Map<string, Photograph>> {
  const { yearFolders } = findDevkits(dataFolder === undefined ? undefined : { dataFolder });
  const folders = new Map(yearFolders.map((folder) => [basename(folder), folder]));
  const devkits = new Map<string, Devkit>();
  const found = new Map<string, Photograph>();
  for (const key of keys) {
    const [, year, id] = /^([\w-]+)\/([\w-]+)$/.exec(key) ?? [];
    if (year === undefined) {
      throw new RangeError(`picture '${key}': expected year folder and id, such as VOC2012/2008_000075`);
    }
    const folder = folders.get(year);
    if (folder === undefined) continue;
    const devkit = devkits.get(year) ?? openDevkit(folder);
    devkits.set(year, devkit);
    const photograph = await readPhotograph(devkit, id);
    if (photograph) found.set(key, photograph);
  }
  return found;
}

async function readPhotograph(devkit: Devkit, id: string): Promise<Photograph | undefined> {
  const { imagePath, annotationPath } = devkit.item(id);
  if (!existsSync(imagePath)) return undefined;
  const objects = existsSync(annotationPath) ? (await devkit.readAnnotation(id)).objects : [];
  try {
    const image = sharp(imagePath, { failOn: 'error' });
    const { width, height } = await image.metadata();
    const file = await image
      .resize({ width: WIDEST, withoutEnlargement: true })
      .webp({ quality: QUALITY })
      .toBuffer();
    return { width, height, file, objects };
  } catch {
    throw new UserError(`${imagePath}: can't be read as a picture; fetch it again`);
  }
}
