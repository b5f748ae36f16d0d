import { escapeMarkup } from '../../chart/escapeMarkup';
import { NARROW } from '../../chart/narrow';
import { THEME } from '../../chart/style/theme';
import { withoutTooltips } from '../figure/drawing';
import { themeSvg } from '../figure/themeSvg';

/** A share of a plot's width or height to pixels; linear, or by its root so that little and much can share an axis. */
export function scale(most: number, from: number, to: number, kind: 'linear' | 'root' = 'linear') {
  const share = (value: number) => (kind === 'root' ? Math.sqrt(value / most) : value / most);
  return (value: number) => Number((from + (to - from) * share(value)).toFixed(1));
}

/** A line of text in a drawing; its halo sets it off from what it covers. */
export function words(
  text: string,
  x: number,
  y: number,
  options: {
    anchor?: 'start' | 'middle' | 'end';
    colour?: string;
    strong?: boolean;
    size?: number;
    halo?: boolean;
  } = {},
): string {
  const { anchor = 'start', colour = THEME.muted.light, strong = false, size = 12, halo = false } = options;
  const edge = ` stroke="${THEME.paper.light}" stroke-width="4" stroke-linejoin="round" paint-order="stroke"`;
  return (
    `<text x="${x}" y="${y}" font-size="${size}" text-anchor="${anchor}" fill="${colour}"` +
    `${strong ? ' font-weight="600"' : ''}${halo ? edge : ''}>${escapeMarkup(text)}</text>`
  );
}

/** A straight line. */
export function line(x1: number, y1: number, x2: number, y2: number, colour: string, more = ''): string {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${colour}"${more}/>`;
}

/** A dot that says in a tooltip what it is. */
export function dot(x: number, y: number, radius: number, colour: string, title: string, more = ''): string {
  return `<circle cx="${x}" cy="${y}" r="${radius}" fill="${colour}"${more}><title>${escapeMarkup(title)}</title></circle>`;
}

/** Widths at which a drawing is made, CSS pixels: for a page, and for a phone. */
const WIDTHS = { wide: 600, narrow: NARROW };

/**
 * A drawing as elements that follow the page's theme, one of which the style sheet shows: nothing is off the screen of a
 * phone.
 *
 * @param draw - Content for a width.
 */
export function drawing(height: number, alt: string, draw: (width: number) => string): string {
  return Object.entries(WIDTHS)
    .map(([name, width]) => {
      const svg =
        `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" ` +
        `aria-label="${escapeMarkup(alt)}">${draw(width)}</svg>`;
      return `<div class="drawing ${name}">${themeSvg(name === 'narrow' ? withoutTooltips(svg) : svg)}</div>\n`;
    })
    .join('');
}
