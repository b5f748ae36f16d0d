import type { Figure } from '../../chart/figure';
import { sanitiseHtml } from '../text/sanitise';
import { themeSvg } from './themeSvg';

/** A figure's drawings as a notebook stores them, not to be trusted. */
export type StoredDrawings = Pick<Figure, 'svg' | 'narrow'>;

/**
 * A figure's drawing as the page shows it: in the colours of the theme, harmless whatever a notebook stored. Where there is
 * one for phones as well, the style sheet shows one of the two.
 *
 * @param prefix - Goes before every name in it, so that a drawing can stand on the page twice.
 * @returns Empty if there is no drawing.
 */
export function drawingBlock({ svg, narrow }: StoredDrawings, prefix: string): string {
  const wide = harmless(svg, prefix);
  const small = wide && withoutTooltips(narrowDrawing({ narrow }, prefix));
  return wide && `<div class="drawing scroll${small && ' wide'}">${wide}</div>\n${small}`;
}

/** The drawing for phones alone; empty if there is none. */
export function narrowDrawing({ narrow = '' }: Pick<Figure, 'narrow'>, prefix: string): string {
  const small = harmless(narrow, `${prefix}narrow-`);
  return small && `<div class="drawing narrow">${small}</div>\n`;
}

/** A drawing for phones, on which nothing is pointed at, where the one beside it has the same tooltips. */
export function withoutTooltips(drawing: string): string {
  return drawing.replace(/<title>[^<]*<\/title>/g, '');
}

function harmless(stored: string, prefix: string): string {
  // The words stand beside the drawing, and the reader's tooltip is not to cover it with the title.
  const drawing = stored.replace(/<title>[^<]*<\/title><desc>[^<]*<\/desc>/, '');
  const svg = sanitiseHtml(drawing, prefix);
  return /^<svg\b/.test(svg) ? themeSvg(svg) : '';
}

/**
 * What stands under a figure: its number, which leads to itself, and words.
 *
 * @param html - The words.
 */
export function numberedCaption(label: string, number: string, html: string): string {
  return `<figcaption><a class="number" href="#${label}">Figure ${number}</a> ${html}</figcaption>\n`;
}
