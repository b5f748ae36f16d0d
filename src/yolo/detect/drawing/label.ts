import sharp from 'sharp';

/** A line of text as a picture with transparent ground. */
export interface Label {
  /** Content of a PNG file. */
  readonly file: Buffer;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
}

/** Characters of a longer text that are drawn. */
const LONGEST = 60;
const PANGO_ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/**
 * Draws a line of text with the machine's sans-serif font, cut to its ink.
 *
 * @param fontSize - Pixels.
 * @param colour - Such as `#10151b`.
 */
export async function drawLabel(text: string, fontSize: number, colour: string): Promise<Label> {
  const line = [...text.replace(/[\p{Cc}\s]+/gu, ' ')].slice(0, LONGEST).join('').trim() || '?';
  const escaped = line.replace(/[&<>]/g, (character) => PANGO_ENTITIES[character]);
  const { data, info } = await sharp({
    text: {
      text: `<span foreground="${colour}">${escaped}</span>`,
      font: `sans-serif bold ${fontSize}`,
      dpi: 72,
      rgba: true,
    },
  })
    .png()
    .toBuffer({ resolveWithObject: true });
  return { file: data, width: info.width, height: info.height };
}

let found: Promise<boolean> | undefined;

/** Whether this machine has a font. Without one every character is drawn as the same empty frame. */
export function hasFont(): Promise<boolean> {
  found ??= Promise.all(['x', 'o'].map((text) => drawLabel(text, 20, '#000000'))).then(
    ([x, o]) => !x.file.equals(o.file),
  );
  return found;
}
