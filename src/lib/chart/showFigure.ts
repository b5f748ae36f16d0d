import { type Display, display } from '../notebook/display';
import type { Figure } from './figure';
import { figureHtml } from './figureHtml';

/**
 * Shows a figure under the executing cell; the report finds its caption, alternative text, label and values again.
 *
 * @param on - Where; a live display lets each call replace the figure before. Default: a place of its own.
 */
export function showFigure(figure: Figure, on: Display = display): void {
  on.html(figureHtml(figure));
}
