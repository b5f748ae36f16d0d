import { type Command, InvalidArgumentError } from 'commander';
import { messageOf, UserError } from '../core/errors';
import { textTable } from '../core/textTable';
import { type Picture, readPicture } from '../data/picture/picture';
import { loadDetector } from '../detect/detectorFolder';
import { planDrawings, writeDrawing } from '../detect/drawingFiles';
import { hasFont } from '../detect/label';
import type { NamedDetection, TrainedDetector } from '../detect/trainedDetector';
import { printable } from './printable';

interface DetectFlags {
  run: string;
  out?: string;
  score: number;
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
    .description(
      'objects in any JPEG, PNG, WebP, BMP or TIFF: class, score, box; with --out also a copy with the boxes drawn',
    )
    .argument('<image...>', 'pictures; an EXIF orientation is followed')
    .requiredOption('--run <folder>', 'folder of a finished run, such as runs/my-run')
    .option(
      '--out <folder>',
      'write NAME.detected.jpg (.png of a PNG) and NAME.detected.json; replaces nothing but its own outputs',
    )
    .option('--score <number>', 'leave out what has no higher score than this', parseScore, 0.25)
    .option('--json', 'print the result as JSON, boxes as edges in pixels')
    .action(detect);
}

function parseScore(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0) return value;
  throw new InvalidArgumentError('Expected a number from 0 on, such as 0.25.');
}

/** A picture that can't be read is one line on stderr and exit status 1; the others are done all the same. */
async function detect(images: string[], { run, out, score, json }: DetectFlags): Promise<void> {
  const files = out === undefined ? undefined : await planDrawings(images, out);
  const detector = await loadDetector(run);
  if (files && !(await hasFont())) {
    process.stderr.write(
      'yolov1: no font found, boxes are drawn without names; install one, such as DejaVu\n',
    );
  }
  const results: (Found | Failed)[] = [];
  try {
    for (const [index, path] of images.entries()) {
      const result = await detectOne(detector, path, score, async (picture, found, facts) => {
        if (files) await writeDrawing(files[index], picture, found, { run, ...facts });
        return files?.[index].drawing;
      });
      results.push(result);
      if ('error' in result) {
        process.stderr.write(`yolov1: ${printable(result.error)}\n`);
        process.exitCode = 1;
      } else if (!json) {
        process.stdout.write(describe(result));
      }
    }
  } finally {
    detector.dispose();
  }
  if (json) process.stdout.write(`${JSON.stringify({ run, score, pictures: results }, null, 2)}\n`);
}

async function detectOne(
  detector: TrainedDetector,
  path: string,
  score: number,
  draw: (picture: Picture, found: readonly NamedDetection[], facts: object) => Promise<string | undefined>,
): Promise<Found | Failed> {
  let picture: Picture;
  try {
    picture = await readPicture(path, { orient: true });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { picture: path, error: messageOf(error) };
  }
  const found = await detector.detect(picture, { scoreThreshold: score });
  const { width, height } = picture;
  const facts = { picture: path, width, height, detections: found.map(rounded) };
  const drawing = await draw(picture, found, facts);
  return { ...facts, ...(drawing === undefined ? {} : { drawing }) };
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

function describe({ picture, width, height, detections, drawing }: Found): string {
  const count = detections.length === 1 ? '1 object' : `${detections.length || 'no'} objects`;
  const head = `${printable(picture)}: ${width} x ${height}, ${count}${drawing === undefined ? '' : `, drawn in ${printable(drawing)}`}`;
  const rows = detections.map(({ name, score, box }) => [
    printable(name),
    score.toFixed(3),
    ...[box.left, box.top, box.right, box.bottom].map((edge) => edge.toFixed(0)),
  ]);
  if (rows.length === 0) return `${head}\n`;
  const table = textTable([['class', 'score', 'left', 'top', 'right', 'bottom'], ...rows]);
  return `${[head, ...table.map((line) => `  ${line}`)].join('\n')}\n`;
}
