import { basename } from 'node:path';
import { escapeMarkup } from './escapeMarkup';
import { FONT } from './style/theme';

/** One row of the values behind a figure; the table and the download under it are made of these. */
export type DataRow = Readonly<Record<string, string | number | boolean | null>>;

/** The words of a figure, and the runs that it shows. */
export interface FigureTexts {
  /** The subject and what to see in it; inline Markdown and `$TeX$` are set in the report. */
  caption: string;
  /** The figure in words, for a reader who can't see it. */
  alt: string;
  /** Name to link to, unique in the report: lower-case letters, digits and hyphens, a letter first. */
  label: string;
  /**
   * The runs that it was made from, as `runExperiment` returns them, or other files of results; empty where nothing but
   * a formula is drawn. The report tells of each what it was and how to repeat it.
   */
  runs: readonly ResultFile[];
}

/** A run, or a file of results, by where it is stored. */
export interface ResultFile {
  readonly path: string;
}

/** A picture that explains itself: drawing, words and the values it was drawn from. */
export interface Figure extends Omit<FigureTexts, 'runs'> {
  /** A whole SVG document; its `<metadata>` holds the words and values, so that it can travel alone. */
  svg: string;
  /** The drawing once more for a phone, without the words and values; undefined where there is only the one. */
  narrow?: string;
  data: readonly DataRow[];
  /** Names of its runs and files, without their folders; undefined in a notebook that was executed before they were kept. */
  runs?: readonly string[];
}

/** A drawing before its words are put in. */
export interface Drawing {
  /** Size in CSS pixels; the coordinates of `body`. */
  width: number;
  height: number;
  /** Content of the `<svg>` element. */
  body: string;
}

/**
 * Puts a drawing, its words and its values together.
 *
 * @param narrow - The drawing for a phone.
 * @throws RangeError if the caption or the alternative text is empty or the label is not one.
 */
export function makeFigure(
  drawing: Drawing,
  texts: FigureTexts,
  data: readonly DataRow[],
  narrow?: Drawing,
): Figure {
  const { label, caption, alt } = texts;
  checkTexts(texts);
  // Folders are those of the machine that drew; a record's name says the same everywhere.
  const runs = [...new Set(texts.runs.map(({ path }) => basename(path)))];
  const small = narrow && { narrow: svgOf(narrow, alt) };
  const words =
    `<title>${escapeMarkup(titleOf(caption))}</title><desc>${escapeMarkup(alt)}</desc>` +
    `<metadata>${jsonMarkup({ label, caption, alt, data, runs, ...small })}</metadata>`;
  return { svg: svgOf(drawing, alt, words), ...small, caption, alt, label, data, runs };
}

function svgOf({ width, height, body }: Drawing, alt: string, words = ''): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"` +
    ` font-family="${FONT}" role="img" aria-label="${escapeMarkup(alt)}">${words}${body}</svg>`
  );
}

/** @throws RangeError as {@link makeFigure} does; lets a chart complain before it is drawn. */
export function checkTexts({ label, caption, alt }: FigureTexts): void {
  if (!/^[a-z][a-z0-9-]*$/.test(label)) {
    throw new RangeError(
      `label: got '${label}', expected lower-case letters, digits and hyphens, a letter first`,
    );
  }
  for (const [name, text] of Object.entries({ caption, alt })) {
    if (!text?.trim()) throw new RangeError(`${name} of figure '${label}': got nothing, expected a sentence`);
  }
}

/** The first sentence of a caption without its markup. */
function titleOf(caption: string): string {
  return caption.split(/(?<=[.?!])\s/)[0].replace(/[$*_`\\]/g, '');
}

/** JSON that needs no escaping inside an element: what could be markup is written by number. */
function jsonMarkup(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&]|[^\P{Cc}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
