import sharp from 'sharp';
import { checkArguments, listOf } from '../../core/arguments';
import type { Picture } from '../../data/picture/picture';
import { requirePicture } from '../../data/picture/requirePicture';
import { requireBox } from '../../eval/table/checks';
import type { Box } from '../../grid/box';
import type { NamedDetection } from '../detectInputs';
import { drawLabel, hasFont, type Label } from './label';
import { placeTags } from './placeTags';

/** Bright colours, seen on pictures of every kind with the dark edge they are drawn with; by class, in turn. */
const COLOURS = [
  '#ffb000',
  '#3fc8ff',
  '#ff6f9c',
  '#8be05f',
  '#c9a2ff',
  '#ff9248',
  '#2fe0c0',
  '#f4ef5a',
  '#ff8ef0',
  '#9fb8ff',
];
const DARK = '#10151b';
/** Font size as a share of the picture's shorter side. */
const FONT = 1 / 30;
/** Below this many pixels letters can't be told apart. */
const SMALLEST_FONT = 11;
/** A picture with a side shorter than this many pixels has no room for tags. */
const SMALLEST_TAGGED = 3 * SMALLEST_FONT;

/** A box to draw; an annotated one has no score. */
export type DrawnBox = Omit<NamedDetection, 'score'> & Partial<Pick<NamedDetection, 'score'>>;

const DETECTIONS = listOf('a list of detections', (detection) => {
  const { name, box } = Object(detection);
  return typeof name === 'string' && typeof box === 'object' && box !== null;
});

/**
 * Draws boxes with class and score into a copy of a picture, the most confident one on top. Lines and letters grow with
 * the picture; a tag always lies inside it. On a machine without fonts, or in a tiny picture, there are boxes only.
 *
 * ```ts
 * const picture = await readPicture('street.jpg', { orient: true });
 * const drawn = await drawDetections(picture, await detector.detect(picture));
 * await writeFile('drawn.jpg', await encodePicture(drawn, 'jpeg'));
 * ```
 *
 * @param picture - Stays as it is.
 * @param detections - Boxes in pixels of this picture; one without a score, as an annotation has none, is named only.
 * @throws UserError for pixels that are no picture, or a box that is not finite or has no area.
 */
export async function drawDetections(picture: Picture, detections: readonly DrawnBox[]): Promise<Picture> {
  requirePicture(picture, 'drawDetections');
  checkArguments('drawDetections', { detections }, { detections: DETECTIONS });
  detections.forEach(({ box }, index) => {
    requireBox(box, `drawDetections: detections[${index}]`);
  });
  const { width, height } = picture;
  const byConfidence = [...detections].sort((a, b) => (b.score ?? 1) - (a.score ?? 1));
  const fontSize = Math.max(SMALLEST_FONT, Math.round(Math.min(width, height) * FONT));
  const room = Math.min(width, height) >= SMALLEST_TAGGED;
  const tags = room && (await hasFont()) ? await makeTags(byConfidence, fontSize, picture) : [];
  const boxes = byConfidence
    .map(({ box, classIndex }) => boxMarkup(box, colourOf(classIndex), fontSize, picture))
    .reverse();
  const grounds = tags.map(({ place, colour }) => groundMarkup(place, colour)).reverse();
  const overlay = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${boxes.join('')}${grounds.join('')}</svg>`;
  const words = tags.map(({ file, left, top }) => ({ input: file, left, top })).reverse();
  const { data } = await sharp(picture.data, { raw: { width, height, channels: 3 } })
    .composite([{ input: Buffer.from(overlay) }, ...words])
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width, height };
}

function colourOf(classIndex: number): string {
  return COLOURS[classIndex % COLOURS.length];
}

/** A tag's words, shrunk where they would not fit into the picture, and where they and their ground go. */
async function makeTags(detections: readonly DrawnBox[], fontSize: number, picture: Picture) {
  const margin = Math.round(fontSize * 0.35);
  const height = Math.round(fontSize * 1.4);
  const labels = await Promise.all(
    detections.map(async ({ name, score }) => {
      const words = score === undefined ? name : `${name} ${score.toFixed(2)}`;
      const label = await drawLabel(words, fontSize, DARK);
      return fitted(label, picture.width - 2 * margin, height);
    }),
  );
  const places = placeTags(
    detections.map(({ box }) => box),
    labels.map(({ width }) => ({ width: width + 2 * margin, height })),
    picture,
  );
  return labels.map((label, index) => ({
    file: label.file,
    place: places[index],
    left: places[index].left + margin,
    top: places[index].top + Math.round((height - label.height) / 2),
    colour: colourOf(detections[index].classIndex),
  }));
}

/** The label, smaller where it is wider or higher than this. */
async function fitted(label: Label, width: number, height: number): Promise<Label> {
  if (label.width <= width && label.height <= height) return label;
  const { data, info } = await sharp(label.file)
    .resize({ width, height, fit: 'inside' })
    .toBuffer({ resolveWithObject: true });
  return { file: data, width: info.width, height: info.height };
}

/** A box and its dark edge, both wholly in the picture. */
function boxMarkup(
  { left, top, right, bottom }: Box,
  colour: string,
  fontSize: number,
  picture: Picture,
): string {
  const stroke = Math.max(2, Math.round(fontSize / 6));
  const inside = (at: number, end: number) => Math.max(stroke, Math.min(at, end - stroke));
  const [x, y] = [inside(left, picture.width), inside(top, picture.height)];
  const width = Math.max(0, inside(right, picture.width) - x);
  const height = Math.max(0, inside(bottom, picture.height) - y);
  const rect = (paint: string, wide: number) =>
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="none" stroke="${paint}" stroke-width="${wide}"/>`;
  return rect(DARK, 2 * stroke) + rect(colour, stroke);
}

function groundMarkup({ left, top, right, bottom }: Box, colour: string): string {
  return `<rect x="${left}" y="${top}" width="${right - left}" height="${bottom - top}" fill="${colour}"/>`;
}
