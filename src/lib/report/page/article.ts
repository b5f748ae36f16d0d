import { escapeMarkup } from '../../chart/escapeMarkup';
import type { Figure } from '../../chart/figure';
import type { Extras } from '../extras/extras';
import { drawingBlock, numberedCaption } from '../figure/drawing';
import { ARTICLE } from '../read/article';
import { CITATION, type Edition } from '../read/citation';
import type { Claims } from '../read/claims';
import { errorAt, type Place } from '../read/place';
import { PAST_ALIAS } from '../text/crossReferences';
import { renderMarkdown, renderProse } from '../text/markdown';
import type { Page } from '../text/page';
import { VERDICTS_TABLE, verdictsTable } from './claimsTable';

/** Figures of the notebooks, by label, with the page that has them. */
export type NotebookFigures = ReadonlyMap<string, { figure: Figure; page: Page }>;

const PLACE: Place = { notebook: ARTICLE, kind: 'file', cell: 1 };

/**
 * The article: text as in a notebook, in which figures of the notebooks and of the build stand where their labels do,
 * and the table of verdicts.
 *
 * @throws NotebookError for a figure that there is not.
 */
export function articleBlock(
  text: string,
  page: Page,
  figures: NotebookFigures,
  extras: Extras,
  { claims, edition }: { claims?: Claims | undefined; edition?: Edition | undefined },
): string {
  page.vouched = new Set();
  page.embed = (label, caption, place) => {
    const id = `article-${label}`;
    page.project.references.alias(page.address, label, id);
    if (label === VERDICTS_TABLE && claims) return verdictsTable(claims, page, id, caption);
    const found = figures.get(label);
    const block = found
      ? embeddedFigure(found.figure, found.page, page, id, caption)
      : extras.draw(label, page, place, id, caption);
    if (block !== undefined) return `<div class="cell">\n${block}</div>\n`;
    const known = [...figures.keys(), ...extras.labels].sort().join(', ');
    throw errorAt(place, `figure '${label}' is in no notebook; there are ${known}`);
  };
  const body = renderMarkdown(text, { page, place: PLACE });
  const notes = page.footnotes.list((note, place) => renderProse(note, { page, place }));
  const byline = edition
    ? `<p class="note">Version ${escapeMarkup(edition.version)}, ${escapeMarkup(edition.date)}. ` +
      `<a href="${escapeMarkup(page.sourceOf(CITATION))}">How to cite</a></p>\n`
    : '';
  return `<section class="article">\n${body}${notes}${byline}</section>\n`;
}

/** The figure again, with the article's words and the way to where it comes from. */
function embeddedFigure({ svg, label }: Figure, from: Page, page: Page, id: string, caption: string): string {
  const number = page.nameNumbered('figure', id, PLACE);
  const source = `<a class="from" href="#${PAST_ALIAS}${label}">From chapter ${from.chapter}, with its values and runs</a>`;
  return (
    `<figure id="${id}">\n${drawingBlock(svg, `${id}-`)}` +
    `${numberedCaption(id, number, `${caption} ${source}`)}</figure>\n`
  );
}
