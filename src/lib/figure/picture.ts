import { escapeMarkup } from '../chart/escapeMarkup';
import type { Drawing } from '../chart/figure';
import { NARROW } from '../chart/narrow';

/** A picture to draw on; without its file an empty frame of its size is drawn. */
export interface ShownPicture {
  /** Pixels. */
  width: number;
  height: number;
  /** Content of a PNG, JPEG or WebP file. */
  file?: Uint8Array;
}

/** Longest side of a drawn picture, CSS pixels. */
const LONGEST_SIDE = 520;
/** Ground of an empty frame, the same in every theme: what is drawn on pictures is bright. */
const GROUND = '#2b323a';

/** How a picture is drawn: its size on the page, and what lies under everything else. */
export interface PictureGround extends Drawing {
  /** CSS pixels by picture pixel. */
  scale: number;
}

/**
 * The picture itself, at the size it is shown, or an empty frame that says so.
 *
 * @param longest - Its longest side, CSS pixels. Default 520.
 * @throws RangeError for a size that is none, or a file of another kind.
 */
export function drawPicture({ width, height, file }: ShownPicture, longest = LONGEST_SIDE): PictureGround {
  if (!(width > 0 && height > 0 && Number.isFinite(width * height))) {
    throw new RangeError(`picture: got a size of ${width} x ${height}, expected numbers above 0`);
  }
  const scale = longest / Math.max(width, height);
  const size = { width: Math.round(width * scale), height: Math.round(height * scale) };
  const area = `width="${size.width}" height="${size.height}"`;
  const body = file
    ? `<image ${area} preserveAspectRatio="none" href="${dataUri(file)}"/>`
    : `<rect ${area} fill="${GROUND}"/><text x="10" y="${size.height - 12}" font-size="12" fill="#c6cdd5">` +
      `${escapeMarkup('The picture is not on this machine: boxes only.')}</text>`;
  return { ...size, body, scale };
}

/** What is drawn over a picture, on a page and once more, in letters of the same size, on a phone. */
export function drawnTwice(
  picture: ShownPicture,
  draw: (ground: PictureGround) => string,
): { wide: Drawing; narrow: Drawing } {
  const over = (ground: PictureGround) => ({
    width: ground.width,
    height: ground.height,
    body: ground.body + draw(ground),
  });
  return { wide: over(drawPicture(picture)), narrow: over(drawPicture(picture, NARROW)) };
}

/** First bytes of the formats that browsers and notebooks show. */
const FORMATS = [
  { type: 'image/png', at: 0, bytes: '89504e47' },
  { type: 'image/jpeg', at: 0, bytes: 'ffd8ff' },
  { type: 'image/webp', at: 8, bytes: '57454250' },
];

function dataUri(file: Uint8Array): string {
  const content = Buffer.from(file);
  const format = FORMATS.find(
    ({ at, bytes }) => content.subarray(at, at + bytes.length / 2).toString('hex') === bytes,
  );
  if (!format) {
    const start = content.subarray(0, 4).toString('hex') || 'nothing';
    throw new RangeError(
      `picture.file: begins with ${start}, expected the content of a PNG, JPEG or WebP file`,
    );
  }
  return `data:${format.type};base64,${content.toString('base64')}`;
}
