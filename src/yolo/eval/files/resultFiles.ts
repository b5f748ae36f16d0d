import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { checkArguments, PATH, TEXT } from '../../core/arguments';
import { explaining } from '../../core/errors';
import { writeWholeFile } from '../../core/wholeFile';
import { DETECTION_TABLE, type DetectionTable } from '../table/detectionTable';
import { idOf, yearOf, yearsOf } from '../table/years';

/**
 * Name of the file with a class's detections, as the VOC server takes it: `comp4_det_<split>_<class>.txt`.
 *
 * @param split - Name of the id list, such as `val`.
 * @param className - Name of the class.
 */
export function resultFileName(split: string, className: string): string {
  checkArguments('resultFileName', { split, className }, { split: TEXT, className: TEXT });
  return `comp4_det_${split}_${className}.txt`;
}

/** Paths of the files with a list's detections, by year and class. Of several years, each has a folder within. */
export function resultFilePaths(
  folder: string,
  split: string,
  years: readonly string[],
  classes: readonly string[],
): string[] {
  return years.flatMap((year) =>
    classes.map((name) => join(folder, years.length > 1 ? year : '', resultFileName(split, name))),
  );
}

const WRITTEN = { folder: PATH, split: TEXT, detections: DETECTION_TABLE };

/**
 * Writes detections as VOC result files, one per class, those without detections too, so that no older file is left
 * among them. Each file is replaced as a whole.
 *
 * A line is `<image id> <confidence> <left> <top> <right> <bottom>`: pixels counted from 1, both ends included, rounded
 * to a millionth; the confidence is written in full, so that reading it gives the same number. Detections of several
 * years go to one folder per year, named like the year's folder, since ids are unique within a year only.
 *
 * @param folder - Made if it isn't there.
 * @param split - Name of the id list, such as `val`.
 * @param detections - Of that list's pictures.
 * @returns Paths of the files.
 * @throws UserError if a file cannot be written.
 */
export async function writeResultFiles(
  folder: string,
  split: string,
  detections: DetectionTable,
): Promise<string[]> {
  checkArguments('writeResultFiles', { folder, split, detections }, WRITTEN);
  const years = yearsOf(detections.index);
  const paths = resultFilePaths(folder, split, years, detections.index.classes);
  for (const [place, file] of paths.entries()) {
    const classes = detections.index.classes.length;
    await explaining(`${file}: cannot write detections`, 'check space and permission', async () => {
      await mkdir(dirname(file), { recursive: true });
      await writeWholeFile(file, textOf(detections, years[Math.floor(place / classes)], place % classes));
    });
  }
  return paths;
}

/** The lines of one class in one year. */
function textOf(detections: DetectionTable, year: string, classIndex: number): string {
  const { picture, score, boxes } = detections;
  const ids = detections.index.keys.map((key) => (yearOf(key) === year ? idOf(key) : undefined));
  let text = '';
  // As they were added, so that equal confidences keep their order.
  for (const row of detections.added) {
    const id = ids[picture[row]];
    if (id === undefined || detections.classIndex[row] !== classIndex) continue;
    const edge = 4 * row;
    const corner = `${rounded(boxes[edge] + 1)} ${rounded(boxes[edge + 1] + 1)}`;
    text += `${id} ${score[row]} ${corner} ${rounded(boxes[edge + 2])} ${rounded(boxes[edge + 3])}\n`;
  }
  return text;
}

function rounded(pixels: number): number {
  return Math.round(pixels * 1e6) / 1e6;
}
