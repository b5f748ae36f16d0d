import type { Box } from 'yolov1/grid';
import { escapeMarkup } from '../chart/escapeMarkup';
import { textWidth } from '../chart/style/textWidth';

/** Bright colours, seen on pictures of every kind with the dark edge they are drawn with; by class, in turn. */
const COLOURS = ['#ffb000', '#3fc8ff', '#ff6f9c', '#8be05f', '#c9a2ff', '#ff9248'];
const EDGE = '#10151b';
const FONT_SIZE = 12;

/** A box and how it is drawn. */
export interface DrawnBox {
  box: Box;
  colour: string;
  /** Stands in a tag at the box; none without. */
  words?: string;
  /** Tooltip. */
  title: string;
  dashed?: boolean;
}

/** The picture under the boxes, in the units of the drawing. */
interface Ground {
  width: number;
  height: number;
  /** Units by picture pixel. */
  scale: number;
}

/** The colour of a class by its place among the classes shown. */
export function classColour(index: number): string {
  return COLOURS[index % COLOURS.length];
}

/**
 * Boxes with their dark edges, and their tags over all of them. A tag lies where it hides no other one, if there is such a
 * place at its box.
 *
 * @param boxes - The first is drawn on top, and its tag has the first choice.
 */
export function boxesMarkup(boxes: readonly DrawnBox[], ground: Ground): string {
  const taken: TagPlace[] = [];
  const tags = boxes.map(({ words, colour, box }) => {
    if (!words) return '';
    const place = freePlace(words, box, ground, taken);
    taken.push(place);
    return tagMarkup(words, colour, place);
  });
  const drawn = boxes.map((box) => boxMarkup(box, ground));
  return [...drawn.reverse(), ...tags.reverse()].join('');
}

function boxMarkup({ box, colour, title, dashed }: DrawnBox, { scale }: Ground): string {
  const [left, top] = [round(box.left * scale), round(box.top * scale)];
  const size = `width="${round(box.right * scale - left)}" height="${round(box.bottom * scale - top)}"`;
  const dash = dashed ? ' stroke-dasharray="6 4"' : '';
  const rect = (stroke: string, width: number) =>
    `<rect x="${left}" y="${top}" ${size} fill="none" stroke="${stroke}" stroke-width="${width}"${dash}/>`;
  return `<g><title>${escapeMarkup(title)}</title>${rect(EDGE, 4)}${rect(colour, 2)}</g>`;
}

/** Where a tag lies, in the units of the drawing. */
interface TagPlace {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The first place at the box's edges where a tag hides no other one; over the upper edge if there is none. */
function freePlace(words: string, box: Box, ground: Ground, taken: readonly TagPlace[]): TagPlace {
  const [left, top, bottom] = [box.left, box.top, box.bottom].map((edge) => edge * ground.scale);
  const width = round(textWidth(words, FONT_SIZE) + 10);
  const height = FONT_SIZE + 6;
  const x = round(Math.max(0, Math.min(left - 1, ground.width - width)));
  const at = (y: number) => ({ x, y: round(y), width, height });
  const within = (y: number) => at(Math.max(0, Math.min(y, ground.height - height)));
  // Over the box's upper edge, or under it at the top of the picture.
  const first = at(top < height ? top + 1 : top - height);
  const places = [first, within(top + 1), within(bottom - height), within(bottom)];
  const apart = (a: TagPlace, b: TagPlace) =>
    a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
  return places.find((place) => taken.every((other) => apart(place, other))) ?? first;
}

/** Words on a ground of their colour. */
function tagMarkup(words: string, colour: string, { x, y, width, height }: TagPlace): string {
  return (
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${colour}"/>` +
    `<text x="${round(x + 5)}" y="${round(y + FONT_SIZE + 1)}" font-size="${FONT_SIZE}" fill="${EDGE}">${escapeMarkup(words)}</text>`
  );
}

/** Two decimals. */
export function round(pixels: number): number {
  return Math.round(pixels * 100) / 100;
}
