/**
 * Characters by their width in thousandths of the font size, one such table each. Interface fonts differ by a
 * fifth; these are the wide ones' (DejaVu Sans, Verdana), so that nothing is cut off in any.
 */
const WIDTHS: readonly (readonly [characters: string, width: number])[] = [
  ["'ijl|", 290],
  [' .,:;!I/\\ft[]·', 345],
  ['()r-"*°', 410],
  ['Jcksvxyz', 560],
  ['0123456789abdeghnopqu_$?L=+<>#−–', 635],
  ['EFTZ~', 620],
  ['&ABKPSVXYCDHNRUw', 710],
  ['GOQmM%@W—', 880],
];

const WIDTH = new Map(
  WIDTHS.flatMap(([characters, width]) => [...characters].map((character) => [character, width] as const)),
);

/**
 * Width of a line of text, estimated character by character; CSS pixels.
 *
 * Vega would measure with a canvas, whose fonts differ from machine to machine, or take four fifths of the font
 * size for every character; this is near enough to lay out axes and legends, and the same everywhere.
 */
export function textWidth(text: string, fontSize: number): number {
  let thousandths = 0;
  for (const character of text) thousandths += WIDTH.get(character) ?? 600;
  return (thousandths / 1000) * fontSize;
}

/** Text in lines of at most a width, broken between words; a plain text where one is enough, or without a width. CSS pixels. */
export function wrapped(text: string, fontSize: number, width = Number.POSITIVE_INFINITY): string | string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
    if (lines.length > 0 && textWidth(longer, fontSize) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.length > 1 ? lines : text;
}
