import type { Box } from '../../grid/box';

/** Width and height in whole pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Where the tags of boxes go: over the box's upper edge, else inside it, else at its lower edge, to the left or to the
 * right, at the first of these places that lies in the picture and off the tags before it. Where there is none, tags
 * cover each other.
 *
 * @param boxes - By descending importance, in pixels of the picture.
 * @param tags - The size of each box's tag; none is larger than the picture.
 * @returns The tags' edges in whole pixels, all inside the picture.
 */
export function placeTags(boxes: readonly Box[], tags: readonly Size[], picture: Size): Box[] {
  const placed: Box[] = [];
  boxes.forEach((box, index) => {
    const places = placesOf(box, tags[index], picture);
    placed.push(places.find((place) => !placed.some((other) => overlaps(place, other))) ?? places[0]);
  });
  return placed;
}

/** Places for a box's tag in the picture, the best first. */
function placesOf({ left, top, right, bottom }: Box, { width, height }: Size, picture: Size): Box[] {
  const columns = [left, right - width];
  const rows = [top - height, top, bottom - height, bottom];
  const inside = (at: number, room: number) => Math.max(0, Math.min(Math.round(at), room));
  return rows
    .filter((row) => row >= 0 && row + height <= picture.height)
    .concat(top)
    .flatMap((row) =>
      columns.map((column) => {
        const x = inside(column, picture.width - width);
        const y = inside(row, picture.height - height);
        return { left: x, top: y, right: x + width, bottom: y + height };
      }),
    );
}

function overlaps(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
