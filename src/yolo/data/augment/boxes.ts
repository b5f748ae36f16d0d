import { checkArguments, listOf } from '../../core/arguments';
import { numberFrom } from '../../core/form';
import { area, type Box } from '../../grid/box';
import type { AnnotatedObject } from '../annotation';
import { TILE, type Tile } from './plan';

/** A box of a picture in the normalised input that the tile makes of it; may reach beyond the tile's place. */
export function moveBox(box: Box, { window, place, flip }: Omit<Tile, 'key'>): Box {
  const scaleX = (place.right - place.left) / (window.right - window.left);
  const scaleY = (place.bottom - place.top) / (window.bottom - window.top);
  const left = (box.left - window.left) * scaleX;
  const right = (box.right - window.left) * scaleX;
  return {
    left: flip ? place.right - right : place.left + left,
    top: place.top + (box.top - window.top) * scaleY,
    right: flip ? place.right - left : place.left + right,
    bottom: place.top + (box.bottom - window.top) * scaleY,
  };
}

/**
 * The objects that are left of a picture in a tile, with normalised boxes cut off at the tile's edge.
 *
 * @param objects - With boxes in pixels of the picture.
 * @param tile - The picture's part in the input.
 * @param minimumArea - Share of an object's area, 0 to 1, of which more must be left; otherwise it is dropped.
 * @throws UserError for an argument of another kind.
 */
export function moveObjects(
  objects: readonly AnnotatedObject[],
  tile: Omit<Tile, 'key'>,
  minimumArea: number,
): AnnotatedObject[] {
  checkArguments('moveObjects', { objects, tile, minimumArea }, MOVED);
  return objects.flatMap((object) => {
    const whole = moveBox(object.box, tile);
    const box = intersection(whole, tile.place);
    return area(box) > minimumArea * area(whole) ? [{ ...object, box }] : [];
  });
}

const MOVED = {
  objects: listOf('a list of annotated objects', (object) => Object(object).box !== undefined),
  tile: TILE,
  minimumArea: numberFrom(0, 1),
};

function intersection(a: Box, b: Box): Box {
  return {
    left: Math.max(a.left, b.left),
    top: Math.max(a.top, b.top),
    right: Math.min(a.right, b.right),
    bottom: Math.min(a.bottom, b.bottom),
  };
}
