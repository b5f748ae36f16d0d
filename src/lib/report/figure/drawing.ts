import { sanitiseHtml } from '../text/sanitise';
import { themeSvg } from './themeSvg';

/**
 * A figure's drawing as the page shows it: in the colours of the theme, harmless whatever a notebook stored.
 *
 * @param prefix - Goes before every name in it, so that a drawing can stand on the page twice.
 * @returns Empty if there is no drawing.
 */
export function drawingBlock(stored: string, prefix: string): string {
  // The words stand beside the drawing, and the reader's tooltip is not to cover it with the title.
  const drawing = stored.replace(/<title>[^<]*<\/title><desc>[^<]*<\/desc>/, '');
  const svg = sanitiseHtml(drawing, prefix);
  return /^<svg\b/.test(svg) ? `<div class="drawing scroll">${themeSvg(svg)}</div>\n` : '';
}

/**
 * What stands under a figure: its number, which leads to itself, and words.
 *
 * @param html - The words.
 */
export function numberedCaption(label: string, number: string, html: string): string {
  return `<figcaption><a class="number" href="#${label}">Figure ${number}</a> ${html}</figcaption>\n`;
}
