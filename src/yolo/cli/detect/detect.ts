import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { counted } from '../../core/counted';
import { UserError } from '../../core/errors';
import { writeWholeFile, writing } from '../../core/wholeFile';
import { requireWritable } from '../../core/writableFolder';
import { readPicture } from '../../data/picture/picture';
import { type CocoResultEntry, cocoResults } from '../../detect/cocoResults';
import { detectFiles } from '../../detect/detectFiles';
import type { NamedDetection } from '../../detect/detectInputs';
import { type DrawingFiles, planDrawings, writeDrawing } from '../../detect/drawing/drawingFiles';
import { hasFont } from '../../detect/drawing/label';
import { findPictures, type PictureSource } from '../../detect/pictureSources';
import { interruptible } from '../terminal/interruptible';
import { printable } from '../terminal/printable';
import { networkOf, RUN_HELP } from './network';

/** Scores above it are looked at, so that a picture in which nothing is above the cut can tell how near it came. */
const LEAST_SCORE = 0.005;

interface DetectFlags {
  run?: string;
  out?: string;
  coco?: string;
  score?: number;
  json?: boolean;
}

/** A detection as it is printed. */
type PrintedDetection = ReturnType<typeof rounded>;

/** What was found in one picture. Boxes are edges in pixels of the picture as it is seen upright. */
interface Found {
  picture: string;
  width: number;
  height: number;
  detections: PrintedDetection[];
  /** The drawn copy, if one was asked for. */
  drawing?: string;
}

/** A picture that could not be looked at. */
interface Failed {
  picture: string;
  error: string;
}

/** Adds `yolov1 detect`: what a trained network sees in pictures. */
export function addDetectCommand(program: Command): void {
  program
    .command('detect')
    .description('objects in pictures, a line for each; with --out also copies with the boxes drawn')
    .argument(
      '<source...>',
      'JPEG, PNG, WebP, TIFF, GIF, BMP or AVIF files, folders of them, patterns such as "photos/**/*.jpg", http(s) addresses; an EXIF orientation is followed',
    )
    .option('--run <folder>', RUN_HELP)
    .option(
      '--out <folder>',
      'write NAME.detected.jpg (.png of a PNG) and NAME.detected.json; replaces nothing but its own outputs',
    )
    .option(
      '--coco <file>',
      "write all detections in the form of COCO's result files; image_id is the file's name without its ending",
    )
    .option(
      '--score <number>',
      "leave out what has no higher score than this; default: the cut that the run's held-out pictures chose, else 0.25",
      parseScore,
    )
    .option('--json', 'print the result as JSON, boxes as edges in pixels')
    .action((sources: string[], flags: DetectFlags) =>
      interruptible(async (signal) => {
        const copies = await mkdtemp(join(tmpdir(), 'yolov1-detect-'));
        try {
          await detect(await findPictures(sources, copies, signal), flags, signal);
        } finally {
          await rm(copies, { recursive: true, force: true });
        }
      }, 'what was drawn is kept'),
    );
}

function parseScore(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0) return value;
  throw new InvalidArgumentError('Expected a number from 0 on, such as 0.25.');
}

/** A picture that can't be read is one line on stderr and exit status 1; the others are done all the same. */
async function detect(
  sources: readonly PictureSource[],
  flags: DetectFlags,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const { out, coco, json } = flags;
  const files = out === undefined ? undefined : await planDrawings(sources.map(fileNameOf), out);
  if (coco !== undefined && existsSync(coco)) {
    throw new UserError(`${coco}: is there already, and nothing is replaced; give --coco another name`);
  }
  if (out !== undefined) await requireWritable(out, 'drawings');
  if (coco !== undefined) await requireWritable(dirname(coco), 'detections');
  const { detector, name: run } = await networkOf(flags.run);
  const { score = detector.scoreCut } = flags;
  if (files && !(await hasFont())) {
    process.stderr.write(
      'yolov1: no font found, boxes are drawn without names; install one, such as DejaVu\n',
    );
  }
  const results: (Found | Failed)[] = [];
  const entries: CocoResultEntry[] = [];
  try {
    for await (const found of detectFiles(detector, sources, {
      scoreThreshold: Math.min(score, LEAST_SCORE),
    })) {
      signal.throwIfAborted();
      const { source } = found;
      if ('error' in found) {
        results.push({ picture: source.name, error: found.error });
        process.stderr.write(`yolov1: ${printable(found.error)}\n`);
        process.exitCode = 1;
        continue;
      }
      const { width, height } = found;
      const [best] = found.detections;
      // Lower ones suppress none that is higher: these are what a pass with the cut would have found.
      const detections = found.detections.filter((detection) => detection.score > score);
      const facts = { picture: source.name, width, height, detections: detections.map(rounded) };
      const drawn = files?.[results.length];
      if (drawn && 'path' in source) await draw(source, drawn, detections, { run, ...facts });
      entries.push(...cocoResults(idOf(source), detections));
      results.push({ ...facts, ...(drawn ? { drawing: drawn.drawing } : {}) });
      if (!json) process.stdout.write(lineOf(results.at(-1) as Found, score, best));
    }
  } finally {
    detector.dispose();
  }
  if (coco !== undefined) await writeCoco(coco, entries);
  if (json) process.stdout.write(`${JSON.stringify({ run, score, pictures: results }, null, 2)}\n`);
}

async function draw(
  { path, name }: PictureSource & { path: string },
  files: DrawingFiles,
  detections: readonly NamedDetection[],
  facts: object,
): Promise<void> {
  await writeDrawing(files, await readPicture(path, { orient: true }, name), detections, facts);
}

async function writeCoco(file: string, entries: readonly CocoResultEntry[]): Promise<void> {
  const text = `[${entries.map((entry) => JSON.stringify(entry)).join(',\n')}]\n`;
  await writing(file, () => writeWholeFile(file, text));
}

/** The path of a file; of an address the last part of its path, whatever query follows. */
function fileNameOf({ name }: PictureSource): string {
  if (!/^https?:/i.test(name) || !URL.canParse(name)) return name;
  const { pathname, hostname } = new URL(name);
  return basename(pathname) || hostname;
}

function idOf(source: PictureSource): string {
  const file = fileNameOf(source);
  return basename(file, extname(file));
}

/** Pixels to a hundredth and scores to six digits: more says nothing. */
function rounded({ name, score, box: { left, top, right, bottom } }: NamedDetection) {
  const pixels = (value: number) => Math.round(value * 100) / 100;
  return {
    name,
    score: Math.round(score * 1e6) / 1e6,
    box: { left: pixels(left), top: pixels(top), right: pixels(right), bottom: pixels(bottom) },
  };
}

/**
 * `street.jpg: 640 x 480, 1 object: person 0.912 (48 12 200 300)`, the box as left, top, right, bottom; or
 * `no objects above 0.25; the best score is 0.181 (person), see --score`.
 */
function lineOf(
  { picture, width, height, detections, drawing }: Found,
  cut: number,
  best: NamedDetection | undefined,
): string {
  const nearest = best
    ? `; the best score is ${best.score.toFixed(3)} (${printable(best.name)}), see --score`
    : '';
  const none = `no objects above ${Number((best ? cut : Math.min(cut, LEAST_SCORE)).toPrecision(3))}${nearest}`;
  const count = detections.length === 0 ? none : counted(detections.length, 'object');
  const drawn = drawing === undefined ? '' : `, drawn in ${printable(drawing)}`;
  const words = detections.map(({ name, score, box: { left, top, right, bottom } }) => {
    const edges = [left, top, right, bottom].map((edge) => edge.toFixed(0)).join(' ');
    return `${printable(name)} ${score.toFixed(3)} (${edges})`;
  });
  const list = words.length > 0 ? `: ${words.join(', ')}` : '';
  return `${printable(picture)}: ${width} x ${height}, ${count}${drawn}${list}\n`;
}
