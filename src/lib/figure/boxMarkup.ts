import type { Box } from 'yolov1/grid';
import { escapeMarkup } from '../chart/escapeMarkup';
import { textWidth } from '../chart/style/textWidth';

/** Bright colours, seen on pictures of every kind with the dark edge they are drawn with; by class, in turn. */
const COLOURS = ['#ffb000', '#3fc8ff', '#ff6f9c', '#8be05f', '#c9a2ff', '#ff9248'];
const EDGE = '#10151b';
const FONT_SIZE = 12;

/** How a box is drawn. */
export interface BoxStyle {
  colour: string;
  /** Stands in a tag at the box; none without. */
  words?: string;
  /** Tooltip. */
  title: string;
  dashed?: boolean;
}

/** The colour of a class by its place among the classes shown. */
export function classColour(index: number): string {
  return COLOURS[index % COLOURS.length];
}

/** A box, its dark edge and its tag, which stays in a picture of this width. */
export function boxMarkup(box: Box, scale: number, width: number, style: BoxStyle): string {
  const [left, top] = [round(box.left * scale), round(box.top * scale)];
  const size = `width="${round(box.right * scale - left)}" height="${round(box.bottom * scale - top)}"`;
  const dash = style.dashed ? ' stroke-dasharray="6 4"' : '';
  const rect = (colour: string, stroke: number) =>
    `<rect x="${left}" y="${top}" ${size} fill="none" stroke="${colour}" stroke-width="${stroke}"${dash}/>`;
  const tag = style.words
    ? tagMarkup(style.words, style.colour, tagPlace(style.words, left, top, width))
    : '';
  return `<g><title>${escapeMarkup(style.title)}</title>${rect(EDGE, 4)}${rect(style.colour, 2)}${tag}</g>`;
}

/** Where a tag lies, in the units of the drawing. */
export interface TagPlace {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Over the box's upper edge, or under it at the top of the picture. */
export function tagPlace(words: string, left: number, top: number, width: number): TagPlace {
  const long = round(textWidth(words, FONT_SIZE) + 10);
  const high = FONT_SIZE + 6;
  const x = round(Math.max(0, Math.min(left - 1, width - long)));
  return { x, y: round(top < high ? top + 1 : top - high), width: long, height: high };
}

/** Words on a ground of their colour. */
export function tagMarkup(words: string, colour: string, { x, y, width, height }: TagPlace): string {
  return (
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${colour}"/>` +
    `<text x="${round(x + 5)}" y="${round(y + FONT_SIZE + 1)}" font-size="${FONT_SIZE}" fill="${EDGE}">${escapeMarkup(words)}</text>`
  );
}

/** Two decimals. */
export function round(pixels: number): number {
  return Math.round(pixels * 100) / 100;
}
