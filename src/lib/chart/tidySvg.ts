import type { Drawing } from './figure';
import { FONT } from './style/theme';

/** Attributes without effect on the picture: roles that only Vega's own scripts understand, and defaults. */
const NEEDLESS =
  / (?:role|aria-roledescription|aria-hidden|aria-label|pointer-events|class)="[^"]*"| opacity="1"| stroke-miterlimit="4"| text-anchor="start"| stroke-width="1"/g;

/** A mark that is a circle, as Vega draws it: by two arcs. */
const CIRCLE =
  /<path transform="translate\(([^,]+),([^)]+)\)" d="M([\d.]+),0A\3,\3,0,1,1,-\3,0A\3,\3,0,1,1,\3,0"([^>]*?)(?: stroke-width="[^"]*")?>(<title>[^<]*<\/title>)<\/path>/g;

/** More digits than a reader of a tooltip needs; the values are whole in the table. */
const LONG_NUMBER = /-?\d+\.\d{4,}(?:e-?\d+)?/g;

const COORDINATES = / (?:d|transform|points|[xyr][12]?|c[xy]|width|height)="[^"]*"/g;

/**
 * Makes of Vega's SVG what is worth keeping: the marks' labels become tooltips (`<title>`) with numbers of
 * four digits, circles are circles, labels that Vega hides are gone, coordinates have two decimals, the font is left to
 * the `<svg>` element.
 */
export function tidySvg(svg: string): Drawing {
  const root = /^<svg [^>]*?width="([\d.]+)" height="([\d.]+)"[^>]*>([\s\S]*)<\/svg>$/.exec(svg);
  if (!root) throw new Error(`not an SVG document as Vega writes them: ${svg.slice(0, 80)}`);
  const body = root[3]
    .replace(/<text\b[^>]* opacity="0"[^>]*>[^<]*<\/text>/g, '')
    .replace(/<path class="(?:background|foreground)"[^>]* (?:d=""|d="M0,0h0v0h0Z")[^>]*\/>/g, '')
    .replace(
      /<path aria-label="([^"]*)" role="graphics-symbol"([^>]*)\/>/g,
      (mark, label: string, rest: string) =>
        rest.includes('roledescription="line mark"')
          ? mark
          : `<path${rest}><title>${label.replace(LONG_NUMBER, shortNumber)}</title></path>`,
    )
    .replace(NEEDLESS, '')
    // Of a gradient the default is not 0.
    .replace(/(<line\b[^>]*?) [xy]2="0"/g, '$1')
    .replaceAll(` font-family="${FONT}"`, '')
    .replace(COORDINATES, (attribute) => attribute.replace(/-?\d*\.\d{3,}(?:e-?\d+)?/g, roundNumber))
    .replace(CIRCLE, (mark, x: string, y: string, radius: string, rest: string, title: string) =>
      rest.includes(' stroke="')
        ? mark
        : `<circle cx="${x}" cy="${y}" r="${radius}"${rest}>${title}</circle>`,
    );
  return { width: Math.ceil(Number(root[1])), height: Math.ceil(Number(root[2])), body: unwrap(body) };
}

function shortNumber(number: string): string {
  return String(Number(Number(number).toPrecision(4)));
}

function roundNumber(number: string): string {
  return String(Math.round(Number(number) * 100) / 100 || 0);
}

/** Takes away groups that do nothing, innermost first. */
function unwrap(body: string): string {
  const simpler = body
    .replace(/<g(?: transform="translate\(0,0\)")?>((?:(?!<\/?g\b)[\s\S])*)<\/g>/g, '$1')
    .replace(/<g(?: [^>]*)?><\/g>/g, '');
  return simpler === body ? body : unwrap(simpler);
}
