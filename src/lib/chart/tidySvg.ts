import type { Drawing } from './figure';
import { FONT } from './theme';

/** Attributes without effect on the picture: roles that only Vega's own scripts understand, and defaults. */
const NEEDLESS =
  / (?:role|aria-roledescription|aria-hidden|aria-label|pointer-events|class)="[^"]*"| opacity="1"| stroke-miterlimit="4"/g;

const COORDINATES = / (?:d|transform|points|[xyr][12]?|c[xy]|width|height)="[^"]*"/g;

/**
 * Makes of Vega's SVG what is worth keeping: the marks' labels become tooltips (`<title>`), labels that Vega
 * hides are gone, coordinates have two decimals, the font is left to the `<svg>` element.
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
        rest.includes('roledescription="line mark"') ? mark : `<path${rest}><title>${label}</title></path>`,
    )
    .replace(NEEDLESS, '')
    .replaceAll(` font-family="${FONT}"`, '')
    .replace(COORDINATES, (attribute) => attribute.replace(/-?\d*\.\d{3,}(?:e-?\d+)?/g, roundNumber));
  return { width: Math.ceil(Number(root[1])), height: Math.ceil(Number(root[2])), body: unwrap(body) };
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
