import { counted } from '../../core/counted';
import type { AnnotatedObject, Annotation } from '../annotation';
import type { BoxKind, SourceObject, SourcePicture } from './sourceSet';

/** Faults that can be mended without a person. */
const MENDS = {
  clipped: 'hanging over the picture, clipped',
  swapped: 'with the corners the wrong way round, turned',
  dropped: 'of which the picture holds nothing, or at most a pixel in width or height, dropped',
  shifted: 'counting pixels from 0, moved to count from 1',
  size: 'missing in the annotation, taken from the picture',
} as const;
export type Mend = keyof typeof MENDS;

/** How much was mended, and how. */
export function mendInWords(mend: Mend, count: number): string {
  const what = mend === 'size' ? counted(count, 'size') : counted(count, 'box', 'boxes');
  return `${what} ${MENDS[mend]}`;
}

/** How a set of VOC annotations counts pixels. */
export interface Counting {
  /** The first pixel's number. */
  readonly from: 0 | 1;
  /** Added to a box's last pixel for its right edge. */
  readonly toEdge: 0 | 1;
}

/**
 * Overhang that is a tool's rounding, in pixels: shares with six digits are exact to .01 in a picture 10 000 pixels wide.
 */
const ROUNDING = 0.02;

/**
 * How a whole set counts pixels. VOC counts from 1, so that no box begins at 0; where more boxes begin at 0 than at 1, the
 * tool counted from 0. Its last pixel then lies one before the edge, unless a box reaches the picture's width, or has
 * decimals: those are edges already.
 */
export function countingOf(boxes: BoxKind, pictures: readonly SourcePicture[]): Counting {
  if (boxes !== 'pixels') return { from: 0, toEdge: 0 };
  let zeros = 0;
  let ones = 0;
  let areEdges = false;
  for (const { objects, size } of pictures) {
    for (const { left, top, right, bottom } of objects) {
      for (const start of [left, top]) {
        if (start === 0) zeros++;
        if (start === 1) ones++;
      }
      areEdges ||= ![left, top, right, bottom].every(Number.isInteger);
      areEdges ||= size !== undefined && (right >= size.width || bottom >= size.height);
    }
  }
  if (zeros === 0 || zeros < ones) return { from: 1, toEdge: 0 };
  return { from: 0, toEdge: areEdges ? 0 : 1 };
}

/**
 * The annotation of a picture in VOC's layout, with every box inside it.
 *
 * @param size - The picture's own, as it was looked at.
 * @param note - Told what was mended.
 */
export function mendPicture(
  { objects }: SourcePicture,
  id: string,
  size: { readonly width: number; readonly height: number },
  boxes: BoxKind,
  counting: Counting,
  note: (mend: Mend) => void,
): Annotation {
  const mended = objects.flatMap((object): AnnotatedObject[] => {
    const box = mendBox(object, size, boxes, counting, note);
    return box ? [{ name: object.name, box, difficult: object.difficult }] : [];
  });
  return { id, width: size.width, height: size.height, objects: mended };
}

function mendBox(
  object: SourceObject,
  { width, height }: { readonly width: number; readonly height: number },
  boxes: BoxKind,
  { from, toEdge }: Counting,
  note: (mend: Mend) => void,
): AnnotatedObject['box'] | undefined {
  const scale = boxes === 'shares' ? { x: width, y: height } : { x: 1, y: 1 };
  if (object.right < object.left || object.bottom < object.top) note('swapped');
  const sorted = (a: number, b: number) => [Math.min(a, b), Math.max(a, b)];
  const [x1, x2] = sorted(object.left, object.right);
  const [y1, y2] = sorted(object.top, object.bottom);
  // VOC's numbers are of pixels: the first one's left edge is 0.
  const shift = boxes === 'pixels' ? from : 0;
  if (boxes === 'pixels' && from === 0) note('shifted');
  const left = x1 * scale.x - shift;
  const top = y1 * scale.y - shift;
  const right = x2 * scale.x + toEdge;
  const bottom = y2 * scale.y + toEdge;
  const box = {
    left: rounded(Math.max(0, left)),
    top: rounded(Math.max(0, top)),
    right: rounded(Math.min(width, right)),
    bottom: rounded(Math.min(height, bottom)),
  };
  // VOC writes the numbers of the first and the last pixel, which must differ.
  if (!(box.right - box.left > 1 && box.bottom - box.top > 1)) {
    note('dropped');
    return undefined;
  }
  if (Math.min(left, top) < -ROUNDING || right > width + ROUNDING || bottom > height + ROUNDING)
    note('clipped');
  return box;
}

/** To a ten-thousandth of a pixel, so that shares of a picture don't become numbers of 17 digits. */
function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
