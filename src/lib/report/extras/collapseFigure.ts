import { runInNewContext } from 'node:vm';
import { escapeMarkup } from '../../chart/escapeMarkup';
import { NotebookError } from '../../errors';
import { numberedCaption } from '../figure/drawing';
import type { Spot } from '../text/page';

/** Label of the figure. */
export const COLLAPSE = 'collapse-explorer';
const CAPTION =
  'The collapse of an empty cell’s pull: drag the confidence C, or set it and γ below. ' +
  'Computed from the equations.';
/** At first it shows the original's gamma, and the confidence of its example. */
const START = { gamma: 2, confidence: 0.1 };

const ALT =
  'Two panels over the confidence of an empty cell from 0 to 1: the loss and its gradient, each for the squared error ' +
  'and for the squared error times the focal factor. The focal curves lie below the others until the confidence is large.';

/** Content of the drawing and what it shows in words. */
type Drawn = (
  gamma: number,
  confidence: number,
  byLogit: boolean,
  isNarrow: boolean,
) => { svg: string; words: string };

/**
 * The collapse as a figure that a reader moves: by script where there is one, else as it is drawn here.
 *
 * @param script - report/collapse.js, which holds the function that draws it here and in the page.
 * @param label - Its own here: it may stand on two pages.
 * @param caption - HTML; default: what it is.
 * @throws NotebookError if the script doesn't define that function.
 */
export function collapseFigure(
  script: string,
  { page, place }: Spot,
  label: string,
  caption = CAPTION,
): string {
  const { gamma, confidence } = START;
  let drawn: ReturnType<Drawn>[];
  try {
    const draw = runInNewContext(`${script};drawCollapse`, {}) as Drawn;
    drawn = [false, true].map((isNarrow) => draw(gamma, confidence, false, isNarrow));
  } catch (error) {
    throw new NotebookError(
      `report/collapse.js: ${(error as Error).message}; expected it to draw the collapse`,
    );
  }
  const number = page.nameNumbered('figure', label, place);
  const slider = (name: string, words: string, most: number, step: number, value: number, shown: string) =>
    `<label>${words} <input type="range" name="${name}" min="0" max="${most}" step="${step}" value="${value}">` +
    `<span class="value">${shown}</span></label>\n`;
  const drawing = (name: string, width: number, height: number, svg: string) =>
    `<div class="drawing ${name}"><svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" ` +
    `aria-label="${escapeMarkup(ALT)}">${svg}</svg></div>\n`;
  const [wide, narrow] = drawn;
  return (
    `<figure class="explorer" id="${label}">\n` +
    `${drawing('scroll wide', 640, 250, wide.svg)}${drawing('narrow', 320, 500, narrow.svg)}` +
    '<p class="legend"><span class="squared">squared error</span> <span class="focal">with the focal factor C<sup>γ</sup></span></p>\n' +
    `<div class="controls" hidden>\n${slider('gamma', 'γ', 5, 0.1, gamma, gamma.toFixed(1))}` +
    `${slider('confidence', 'C', 1, 0.01, confidence, confidence.toFixed(2))}` +
    '<label><input type="checkbox" name="logit"> behind a sigmoid, by the logit</label>\n</div>\n' +
    `<p class="words" aria-live="polite">${escapeMarkup(wide.words)}</p>\n` +
    `${numberedCaption(label, number, caption)}</figure>\n`
  );
}
