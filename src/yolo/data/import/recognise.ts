import { closeSync, openSync, readSync } from 'node:fs';
import { posix } from 'node:path';
import { UserError } from '../../core/errors';
import { stemOf } from '../fileIndex';
import { decodeText } from '../textFile';
import { SourceFiles } from './sourceFiles';

/** Ways to annotate that are read. */
export const SOURCE_KINDS = ['voc', 'coco', 'yolo'] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

/** Name of each layout. */
export const KIND_NAMES: Readonly<Record<SourceKind, string>> = {
  voc: 'Pascal VOC annotations',
  coco: 'COCO JSON',
  yolo: 'YOLO labels',
};

/** The annotation files of each kind that a folder holds, as paths within it. */
export type Recognised = Readonly<Record<SourceKind, readonly string[]>>;

/** A mark within the beginning of a COCO file, whichever part comes first; Label Studio's notes have categories, too. */
const COCO = /"(?:images|annotations)"\s*:\s*\[|"supercategory"\s*:/;
/** Bytes of a file that are looked at. */
const LOOKED_AT = 1 << 14;
/** Label files whose first line is looked at: the others are of the same kind. */
const SAMPLE = 20;

/** Looks what kinds of annotations lie in a folder: by content, names are only a first hint. */
export function recognise(files: SourceFiles): Recognised {
  const voc = files
    .withEnding('.xml')
    .filter((file, index) => index >= SAMPLE || /<annotation[\s>]/.test(beginningOf(files, file)));
  const coco = files
    .withEnding('.json')
    .filter((file) => COCO.test(beginningOf(files, file)))
    .filter((file) => !posix.basename(file).startsWith('captions'));
  return { voc, coco, yolo: labelsIn(files) };
}

/** All texts of a picture's name, if those looked at are labels, and other texts that are: their pictures are missing. */
function labelsIn(files: SourceFiles): string[] {
  const texts = files.withEnding('.txt');
  const ofPictures = texts.filter(
    (file) => files.picturesNamed(stemOf(posix.basename(file), ['.txt']) ?? '').length > 0,
  );
  const sample = ofPictures.slice(0, SAMPLE).map((file) => beginningOf(files, file));
  // An empty file labels a picture without objects.
  const areLabels = sample.some(isLabels) || sample.every((text) => text.trim() === '');
  if (sample.length === 0 || !areLabels) return [];
  const own = new Set(ofPictures);
  return texts.filter((file) => own.has(file) || isLabels(beginningOf(files, file)));
}

/**
 * The import that a folder needs to become a year of a devkit, as the end of a message; undefined where nothing is recognised.
 */
export function importHint(folder: string): string | undefined {
  let found: Recognised;
  try {
    found = recognise(new SourceFiles(folder));
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
  const kind = SOURCE_KINDS.find((candidate) => found[candidate].length > 0);
  if (kind === undefined) return undefined;
  return `. It holds ${KIND_NAMES[kind]}: bring them into that layout with 'yolov1 data import ${folder} --to data/MyYear'`;
}

/** A class and four numbers or more; what is wrong with them is said when they are read. */
function isLabels(text: string): boolean {
  const [line] = text.trim().split(/[\r\n]/);
  return /^\S+(?:\s+-?[\d.]+(?:e[+-]?\d+)?){4,}$/i.test(line);
}

function beginningOf(files: SourceFiles, file: string): string {
  const path = files.path(file);
  try {
    const opened = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(LOOKED_AT);
      const text = bytes.subarray(0, readSync(opened, bytes, 0, LOOKED_AT, 0));
      // Cut anywhere, it may end within a letter: what is looked for is ASCII.
      return text.includes(0)
        ? decodeText(text.subarray(0, text.length & ~1), path)
        : text.toString('latin1').replace(/^\xef\xbb\xbf/, '');
    } finally {
      closeSync(opened);
    }
  } catch {
    return '';
  }
}
