import { existsSync } from 'node:fs';
import { mkdir, readFile, realpath } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { UserError } from '../../core/errors';
import { writeWholeFile, writing } from '../../core/wholeFile';
import { isMarkedPicture, markedPicture } from '../../data/picture/markedPicture';
import type { Picture } from '../../data/picture/picture';
import type { NamedDetection } from '../detectInputs';
import { drawDetections } from './drawDetections';

/** Says, inside each file that is written, whose it is: only such files are ever replaced. */
const MARK = 'yolov1 detect';

/** Where the drawing of a picture and its detections as JSON go. */
export interface DrawingFiles {
  /** `<name>.detected.png` of a PNG, `<name>.detected.jpg` of everything else. */
  readonly drawing: string;
  /** `<name>.detected.json`. */
  readonly json: string;
}

/**
 * Names for the drawings of pictures in a folder, checked before anything is computed.
 *
 * @throws {@link UserError} if two pictures would share a name, if a name is taken by one of the pictures, or by a file
 * that another program or hand made.
 */
export async function planDrawings(pictures: readonly string[], folder: string): Promise<DrawingFiles[]> {
  const plan = pictures.map((picture) => {
    const ending = extname(picture);
    const name = join(folder, `${basename(picture, ending)}.detected`);
    return { drawing: `${name}.${ending.toLowerCase() === '.png' ? 'png' : 'jpg'}`, json: `${name}.json` };
  });
  // Some file systems take upper and lower case for the same.
  const names = plan.map(({ json }) => json.toLowerCase());
  const originals = new Set(await Promise.all(pictures.map((path) => realpath(path).catch(() => path))));
  for (const [index, { drawing, json }] of plan.entries()) {
    const other = names.indexOf(names[index]);
    if (other < index) {
      throw new UserError(
        `${pictures[index]}: would be drawn to the same file as ${pictures[other]}; give them one at a time with different --out`,
      );
    }
    for (const file of [drawing, json]) {
      if (!existsSync(file)) continue;
      if (originals.has(await realpath(file)) || !(await isOurs(file))) {
        throw new UserError(
          `${file}: is there and would be replaced, but is no output of ${MARK}; move it away or give another --out`,
        );
      }
    }
  }
  return plan;
}

/**
 * Writes a drawn copy and the detections, each file as a whole. The copy has none of the original's metadata.
 *
 * @param facts - What the JSON says besides the mark.
 * @throws {@link UserError} if a file can't be written.
 */
export async function writeDrawing(
  { drawing, json }: DrawingFiles,
  picture: Picture,
  detections: readonly NamedDetection[],
  facts: object,
): Promise<void> {
  const drawn = await drawDetections(picture, detections);
  const file = await markedPicture(drawn, MARK, drawing.endsWith('.png') ? 'png' : 'jpeg');
  await writing(drawing, async () => {
    await mkdir(join(drawing, '..'), { recursive: true });
    await writeWholeFile(drawing, file);
  });
  const text = `${JSON.stringify({ program: MARK, ...facts }, null, 2)}\n`;
  await writing(json, () => writeWholeFile(json, text));
}

async function isOurs(file: string): Promise<boolean> {
  if (!file.endsWith('.json')) return isMarkedPicture(file, MARK);
  try {
    return JSON.parse(await readFile(file, 'utf8')).program === MARK;
  } catch {
    return false;
  }
}
