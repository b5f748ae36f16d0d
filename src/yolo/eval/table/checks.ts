import { UserError } from '../../core/errors';
import type { Box } from '../../grid/box';

/**
 * Refuses a box that is not finite or has no area.
 *
 * @param where - What the box belongs to, such as `picture 'a', detection 3`.
 * @throws UserError naming the edges.
 */
export function requireBox(box: Box, where: string): void {
  if (isProperBox(box.left, box.top, box.right, box.bottom)) return;
  throw new UserError(
    `${where}: box is left ${box.left}, top ${box.top}, right ${box.right}, bottom ${box.bottom}; expected finite left < right and top < bottom`,
  );
}

/** Whether all edges are finite and the box has an area. */
export function isProperBox(left: number, top: number, right: number, bottom: number): boolean {
  // An edge that is not finite makes its side infinite or NaN.
  const width = right - left;
  const height = bottom - top;
  return width > 0 && height > 0 && width < Infinity && height < Infinity;
}
