import type { Figure } from '../../chart/figure';
import { errorAt } from '../read/place';
import { type MarkdownContext, renderProse } from '../text/markdown';
import { drawingBlock, numberedCaption } from './drawing';
import { valuesBlock } from './figureValues';

/**
 * A figure with its number, caption and values.
 *
 * @param figure - As a notebook stores it, not to be trusted.
 * @throws NotebookError for a label that is taken or is none, and for missing words.
 */
export function figureBlock(figure: Figure, context: MarkdownContext): string {
  const { label, caption, alt, data } = figure;
  const { place, references } = context;
  if (!caption.trim() || !alt.trim()) {
    throw errorAt(place, `figure '${label}' lacks its ${caption.trim() ? 'alternative text' : 'caption'}`);
  }
  const number = references.nameNumbered('figure', label, place);
  const drawing = drawingBlock(figure.svg, `${label}-`);
  if (!drawing) throw errorAt(place, `figure '${label}' has no drawing`);
  return (
    `<figure id="${label}">\n${drawing}` +
    `${numberedCaption(label, number, renderProse(caption, context))}</figure>\n` +
    (data.length > 0 ? valuesBlock(figure, number) : '') +
    (context.origins?.(figure, number, place) ?? '') +
    (context.behind?.(figure, context) ?? '')
  );
}
