import { checkArguments, FINITE, record } from '../core/arguments';

/**
 * An axis-aligned box by its edges in continuous picture coordinates: the picture spans [0, width] x [0, height],
 * pixel number k covers [k, k + 1].
 *
 * VOC files count pixels from 1 and include both ends; a VOC box `xmin..xmax` is `left = xmin - 1`,
 * `right = xmax` here. The conversion happens where files are read and written and nowhere else, so that
 * `right - left` is the width with VOC's "+1" already in it. Boxes divided by the picture's size (0..1) have the
 * same form and say "normalised" in their name or documentation.
 */
export interface Box {
  /** Left edge. */
  left: number;
  /** Upper edge: y grows downwards. */
  top: number;
  /** Right edge. */
  right: number;
  /** Lower edge. */
  bottom: number;
}

export const BOX = record('a box', { left: FINITE, top: FINITE, right: FINITE, bottom: FINITE });

/**
 * Area of a box, 0 for a reversed or empty one: square pixels, or a share of the picture if it is normalised.
 *
 * @throws UserError for anything but a box.
 */
export function area(box: Box): number {
  checkArguments('area', { box }, { box: BOX });
  return Math.max(0, box.right - box.left) * Math.max(0, box.bottom - box.top);
}

const CLIPPED = { box: BOX, width: FINITE, height: FINITE };

/**
 * The part of a box inside `[0, width] x [0, height]`; may be empty.
 *
 * @param box - In pixels, or normalised with a width and a height of 1.
 * @param width - Of the picture, in the box's unit.
 * @param height - Of the picture, in the box's unit.
 * @throws UserError for an argument of another kind.
 */
export function clip(box: Box, width: number, height: number): Box {
  checkArguments('clip', { box, width, height }, CLIPPED);
  return {
    left: Math.min(Math.max(box.left, 0), width),
    top: Math.min(Math.max(box.top, 0), height),
    right: Math.min(Math.max(box.right, 0), width),
    bottom: Math.min(Math.max(box.bottom, 0), height),
  };
}

/** A box in pixels, from its edges as shares of the picture's sides. */
export function inPixels(
  { left, top, right, bottom }: Box,
  { width, height }: { readonly width: number; readonly height: number },
): Box {
  return { left: left * width, top: top * height, right: right * width, bottom: bottom * height };
}
