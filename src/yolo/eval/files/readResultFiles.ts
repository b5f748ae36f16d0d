import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { checkArguments, PATH, TEXT } from '../../core/arguments';
import { counted } from '../../core/counted';
import { UserError } from '../../core/errors';
import { readTextSync } from '../../data/textFile';
import { isProperBox } from '../table/checks';
import { type DetectionTable, DetectionTableBuilder } from '../table/detectionTable';
import { type EvaluationIndex, INDEX } from '../table/evaluationIndex';
import { idOf, yearOf, yearsOf } from '../table/years';
import { resultFileName } from './resultFiles';

/** What {@link readResultFiles} found. */
export interface ResultFiles {
  /** All detections, by the index of the ground truth. */
  readonly detections: DetectionTable;
  /** What is odd but no error: classes without a file, no detection at all. One line each. */
  readonly warnings: readonly string[];
}

/** One folder of result files and the pictures that its ids mean. */
interface Source {
  readonly folder: string;
  readonly pictureOf: ReadonlyMap<string, number>;
}

/**
 * Reads VOC result files, by anyone's detector: `comp4_det_<split>_<class>.txt`, lines
 * `<image id> <confidence> <left> <top> <right> <bottom>` with pixels counted from 1, both ends included. Any finite
 * number is a confidence. A class without a file has no detections, and a warning says so.
 *
 * Pictures of several years: the folder either holds one folder per year, named like the year's folder (`VOC2012/`), or
 * the files of all years pooled, for which no id may stand in two years.
 *
 * @param folder - Folder that holds the files, or one folder for each year.
 * @param split - Name of the id list, such as `val`.
 * @param index - The index of the ground truth.
 * @throws UserError naming file and line for a line that is no detection; for pictures that the index doesn't
 * have (how many, the first one, where); for files of an unknown class; if there is no file at all.
 */
export function readResultFiles(folder: string, split: string, index: EvaluationIndex): ResultFiles {
  checkArguments('readResultFiles', { folder, split, index }, { folder: PATH, split: TEXT, index: INDEX });
  const builder = new DetectionTableBuilder(index);
  const warnings: string[] = [];
  const unknown = { lines: 0, ids: new Set<string>(), first: '' };
  for (const source of sourcesIn(folder, index)) {
    const files = listFiles(source.folder, split, index);
    const missing = index.classes.filter((name) => !files.has(name));
    if (missing.length > 0) {
      warnings.push(
        `${source.folder}: no file for ${missing.join(', ')} (such as ${resultFileName(split, missing[0])}); counted as no detections`,
      );
    }
    for (const [name, file] of files) {
      readResultFile(file, index.classes.indexOf(name), source.pictureOf, builder, (id, line) => {
        unknown.lines++;
        if (unknown.ids.size === 0) unknown.first = `'${id}' in ${file}: line ${line}`;
        unknown.ids.add(id);
      });
    }
  }
  if (unknown.lines > 0) {
    throw new UserError(
      `${folder}: ${counted(unknown.lines, 'detection')} of ${counted(unknown.ids.size, 'picture')} not in the id list '${split}', the first is ${unknown.first}; check split and devkit, or remove these lines`,
    );
  }
  const detections = builder.build();
  if (detections.length === 0) warnings.push(`${folder}: the files hold no detection at all`);
  return { detections, warnings };
}

function sourcesIn(folder: string, index: EvaluationIndex): Source[] {
  const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (!isFolder(folder)) {
    throw new UserError(`${folder}: no such folder; expected the folder that holds the result files`);
  }
  const years = yearsOf(index);
  const missing = years.filter((year) => year === '' || !isFolder(join(folder, year)));
  if (missing.length === 0) {
    return years.map((year) => {
      const keys = index.keys.filter((key) => yearOf(key) === year);
      return { folder: join(folder, year), pictureOf: numberIds(keys, index, folder) };
    });
  }
  if (missing.length < years.length) {
    throw new UserError(
      `${folder}: has a folder for some years but none for ${missing.join(', ')}; add it, or evaluate the other years alone`,
    );
  }
  return [{ folder, pictureOf: numberIds(index.keys, index, folder) }];
}

function numberIds(keys: readonly string[], index: EvaluationIndex, folder: string): Map<string, number> {
  const numbers = new Map<string, number>();
  for (const key of keys) {
    const id = idOf(key);
    const other = numbers.get(id);
    if (other !== undefined) {
      throw new UserError(
        `${folder}: id '${id}' stands for ${index.keys[other]} and for ${key}; put the files of each year into a folder of their own, ${join(folder, yearOf(key))} and so on`,
      );
    }
    numbers.set(id, index.pictureOf(key)!);
  }
  return numbers;
}

/** Paths of the split's files by class, in the order of the classes. */
function listFiles(folder: string, split: string, { classes }: EvaluationIndex): Map<string, string> {
  const [prefix, ending] = resultFileName(split, '\n').split('\n');
  const names = readdirSync(folder)
    .filter((name) => name.startsWith(prefix) && name.endsWith(ending))
    .map((name) => name.slice(prefix.length, -ending.length));
  if (names.length === 0) {
    throw new UserError(
      `${folder}: no result file for the id list '${split}'; expected ${resultFileName(split, classes[0])} and so on`,
    );
  }
  const stranger = names.find((name) => !classes.includes(name));
  if (stranger !== undefined) {
    throw new UserError(
      `${join(folder, resultFileName(split, stranger))}: '${stranger}' is no class of the data; expected one of ${classes.join(', ')}`,
    );
  }
  return new Map(
    classes
      .filter((name) => names.includes(name))
      .map((name) => [name, join(folder, resultFileName(split, name))]),
  );
}

function readResultFile(
  file: string,
  classIndex: number,
  pictureOf: ReadonlyMap<string, number>,
  builder: DetectionTableBuilder,
  onUnknownPicture: (id: string, line: number) => void,
): void {
  const text = readTextSync(file);
  for (let number = 1, start = 0; start < text.length; number++) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, end);
    start = end + 1;
    // Almost every line has single spaces, for which no pattern need be matched.
    let fields = line.split(' ');
    if (fields.length !== 6 || fields.includes('')) {
      if (line.trim() === '') continue;
      fields = line.trim().split(/\s+/);
      // An id may hold spaces: the five numbers behind it can't.
      if (fields.length > 6) {
        const id = /^(.*\S)(?:\s+\S+){5}$/.exec(line.trim())![1];
        fields = [id, ...fields.slice(-5)];
      }
      if (fields.length !== 6) {
        throw wrongLine(
          file,
          number,
          `has ${counted(fields.length, 'field')}, expected 6: <image id> <confidence> <left> <top> <right> <bottom>`,
        );
      }
    }
    const score = Number(fields[1]);
    if (!Number.isFinite(score)) {
      throw wrongLine(file, number, `the confidence is '${fields[1]}', expected a finite number`);
    }
    // Pixels counted from 1, both ends included, become edges.
    const left = Number(fields[2]) - 1;
    const top = Number(fields[3]) - 1;
    const right = Number(fields[4]);
    const bottom = Number(fields[5]);
    if (!isProperBox(left, top, right, bottom)) {
      throw wrongLine(
        file,
        number,
        `the box is '${fields.slice(2).join(' ').trim()}', expected finite <left> <top> <right> <bottom> of a box with an area`,
      );
    }
    const picture = pictureOf.get(fields[0]);
    if (picture === undefined) onUnknownPicture(fields[0], number);
    else builder.add(picture, classIndex, score, left, top, right, bottom);
  }
}

function wrongLine(file: string, number: number, what: string): UserError {
  return new UserError(`${file}: line ${number}: ${what}`);
}
