import sharp from 'sharp';
import type { Picture } from '../../data/picture/picture';
import { type DrawnBox, drawDetections } from './drawDetections';
import { drawLabel, hasFont } from './label';

/** One picture of a {@link contactSheet}. */
export interface SheetPicture {
  /** Stands over it. */
  title: string;
  picture: Picture;
  /** Boxes in its pixels. */
  boxes: readonly DrawnBox[];
}

const GAP = 8;
const TITLE = 20;
const FONT = 12;
const INK = '#10151b';
const GROUND = { r: 255, g: 255, b: 255 };

/**
 * Pictures of one size in rows, each with its boxes and under its title (on a machine without fonts there are none).
 *
 * @throws RangeError if there is no picture, or they are not all of one size.
 */
export async function contactSheet(rows: readonly (readonly SheetPicture[])[]): Promise<Picture> {
  const cells = rows.flatMap((row, y) => row.map((cell, x) => ({ ...cell, x, y })));
  if (cells.length === 0) throw new RangeError('contactSheet: got no picture, expected at least one');
  const { width, height } = cells[0].picture;
  const other = cells.find(({ picture }) => picture.width !== width || picture.height !== height);
  if (other) {
    const { picture, title } = other;
    throw new RangeError(
      `contactSheet: '${title}' has ${picture.width} x ${picture.height} pixels, expected ${width} x ${height} as the first`,
    );
  }
  const fonts = await hasFont();
  const layers = await Promise.all(
    cells.map(async ({ x, y, title, picture, boxes }) => {
      const drawn = await drawDetections(picture, boxes);
      const left = GAP + x * (width + GAP);
      const top = GAP + y * (height + TITLE + GAP) + TITLE;
      const input = Buffer.from(drawn.data);
      const shown = { input, raw: { width, height, channels: 3 as const }, left, top };
      return fonts ? [shown, await titleLayer(title, left, top, width)] : [shown];
    }),
  );
  const { data, info } = await sharp({
    create: {
      width: GAP + Math.max(...rows.map((row) => row.length)) * (width + GAP),
      height: GAP + rows.length * (height + TITLE + GAP),
      channels: 3,
      background: GROUND,
    },
  })
    .composite(layers.flat())
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/** A title on its line over a picture, shrunk where it is longer. */
async function titleLayer(title: string, left: number, top: number, width: number) {
  const label = await drawLabel(title, FONT, INK);
  const { data, info } = await sharp(label.file)
    .resize({ width, height: TITLE - 2, fit: 'inside', withoutEnlargement: true })
    .toBuffer({ resolveWithObject: true });
  return { input: data, left, top: top - 4 - info.height };
}
