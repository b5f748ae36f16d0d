import { escapeMarkup } from './escapeMarkup';
import type { DataRow, Figure } from './figure';

const OPENING = /^\s*<figure data-yolov1-figure="[^"]*"/;

/**
 * A figure as a notebook output. The SVG is the source of an `<img>`: inline SVG is refused or torn apart by
 * JupyterLab (in a notebook it does not trust) and by GitHub's viewer, such a picture is shown by both and by VS Code.
 */
export function figureHtml(figure: Figure): string {
  const source = Buffer.from(figure.svg, 'utf8').toString('base64');
  return (
    `<figure data-yolov1-figure="${figure.label}">\n` +
    `<img src="data:image/svg+xml;base64,${source}" alt="${escapeMarkup(figure.alt)}">\n` +
    // A viewer that drops `figure` keeps the paragraph: the words still stand under the picture.
    `<figcaption><p><b>Figure (${figure.label}).</b> ${escapeMarkup(figure.caption)}</p></figcaption>\n</figure>\n`
  );
}

/**
 * Takes a figure out of a notebook output again.
 *
 * Nothing in it is to be trusted: whoever writes the notebook writes the SVG and the words.
 *
 * @returns Undefined for an output that is not a figure's.
 * @throws RangeError if it claims to be one but can't be read.
 */
export function figureFromHtml(html: string): Figure | undefined {
  if (!OPENING.test(html)) return undefined;
  const source = /<img src="data:image\/svg\+xml;base64,([A-Za-z0-9+/=]+)"/.exec(html)?.[1];
  if (!source) throw new RangeError('figure output without its SVG');
  return figureFromSvg(Buffer.from(source, 'base64').toString('utf8'));
}

/** @throws RangeError if the SVG carries no words and values as {@link figureHtml} puts them there. */
function figureFromSvg(svg: string): Figure {
  const metadata = /<metadata>([^<]*)<\/metadata>/.exec(svg)?.[1];
  if (metadata === undefined) throw new RangeError('figure output without its metadata');
  let parsed: unknown;
  try {
    parsed = JSON.parse(metadata);
  } catch {
    throw new RangeError('figure output whose metadata is not JSON');
  }
  const { label, caption, alt, data, runs, narrow } = Object(parsed) as Record<string, unknown>;
  if (typeof label !== 'string' || typeof caption !== 'string' || typeof alt !== 'string' || !isTable(data)) {
    throw new RangeError('figure output whose metadata lacks a label, caption, alternative text or values');
  }
  const small = typeof narrow === 'string' ? { narrow } : {};
  if (runs === undefined) return { svg, ...small, label, caption, alt, data };
  if (!Array.isArray(runs) || !runs.every((run) => typeof run === 'string')) {
    throw new RangeError('figure output whose metadata names its runs by something other than text');
  }
  return { svg, ...small, label, caption, alt, data, runs };
}

function isTable(data: unknown): data is DataRow[] {
  const isCell = (cell: unknown) => cell === null || ['string', 'number', 'boolean'].includes(typeof cell);
  return (
    Array.isArray(data) &&
    data.every((row) => typeof row === 'object' && row !== null && Object.values(row).every(isCell))
  );
}
