import type { Figure } from '../../chart/figure';
import { figureOrigin } from '../provenance/figureOrigin';
import { errorAt } from '../read/place';
import { renderProse } from '../text/markdown';
import type { Spot } from '../text/page';
import { drawingBlock, numberedCaption } from './drawing';
import { valuesBlock } from './figureValues';
import { MOST_REPEATS, repeats } from './repeats';

/**
 * A figure with its number, caption, values and origin; it is among the figures of its page from then on.
 *
 * @param figure - As a notebook stores it, not to be trusted.
 * @throws NotebookError for a label that is taken or is none, and for missing words.
 */
export function figureBlock(figure: Figure, spot: Spot): string {
  const { label, caption, alt, data } = figure;
  const { place, page } = spot;
  if (!caption.trim() || !alt.trim()) {
    throw errorAt(place, `figure '${label}' lacks its ${caption.trim() ? 'alternative text' : 'caption'}`);
  }
  const number = page.nameNumbered('figure', label, place);
  const drawing = drawingBlock(figure, `${label}-`);
  if (!drawing) throw errorAt(place, `figure '${label}' has no drawing`);
  if (repeats(figure.svg) + repeats(figure.narrow ?? '') > MOST_REPEATS)
    throw errorAt(place, `figure '${label}' repeats its parts too often`);
  page.figures.push(figure);
  return (
    `<figure id="${label}">\n${drawing}` +
    `${numberedCaption(label, number, renderProse(caption, spot))}</figure>\n` +
    (data.length > 0 ? valuesBlock(figure, number) : '') +
    figureOrigin(figure, number, spot)
  );
}
