import { escapeMarkup } from '../../chart/escapeMarkup';
import type { Figure } from '../../chart/figure';
import type { Extras } from '../extras/extras';
import { drawingBlock, narrowDrawing, numberedCaption } from '../figure/drawing';
import { ARTICLE } from '../read/article';
import { CITATION, type Edition } from '../read/citation';
import type { Claims } from '../read/claims';
import { errorAt, type Place } from '../read/place';
import { PAST_ALIAS } from '../text/crossReferences';
import { renderMarkdown, renderProse } from '../text/markdown';
import type { Page } from '../text/page';
import { VERDICTS_TABLE, verdictsTable } from './claimsTable';

/** A figure of a notebook, and the page that has it. */
interface NotebookFigure {
  figure: Figure;
  page: Page;
}

/** Figures of the notebooks by label. */
export type NotebookFigures = ReadonlyMap<string, NotebookFigure>;

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
  page.embed = (labels, caption, place) => {
    const [label] = labels;
    const id = `article-${label}`;
    for (const one of labels) page.project.references.alias(page.address, one, id);
    if (label === VERDICTS_TABLE && claims) return verdictsTable(claims, page, id, caption);
    const found = labels.flatMap((one) => figures.get(one) ?? []);
    const block =
      found.length === labels.length
        ? embeddedFigure(found, page, id, caption, place)
        : labels.length === 1 && extras.draw(label, page, place, id, caption);
    if (block) return `<div class="cell">\n${block}</div>\n`;
    const lost = labels.find((one) => !figures.has(one));
    const known = [...figures.keys(), ...(labels.length === 1 ? extras.labels : [])].sort().join(', ');
    throw errorAt(place, `figure '${lost}' is in no notebook; there are ${known}`);
  };
  const body = renderMarkdown(text, { page, place: PLACE });
  const notes = page.footnotes.list((note, place) => renderProse(note, { page, place }));
  const byline = edition
    ? `<p class="note">Version ${escapeMarkup(edition.version)}, ${escapeMarkup(edition.date)}. ` +
      `<a href="${escapeMarkup(page.sourceOf(CITATION))}">How to cite</a></p>\n`
    : '';
  return `<section class="article">\n${body}${notes}${byline}</section>\n`;
}

/** The figure again, with the article's words and the way to where it comes from; two as they are drawn for phones. */
function embeddedFigure(
  found: readonly NotebookFigure[],
  page: Page,
  id: string,
  caption: string,
  place: Place,
): string {
  const number = page.nameNumbered('figure', id, PLACE);
  const single = found.find(({ figure }) => !figure.narrow);
  if (found.length > 1 && single) {
    const { label } = single.figure;
    throw errorAt(place, `figure '${label}' has no drawing for phones, and can't stand beside another one`);
  }
  const drawings =
    found.length > 1
      ? `<div class="pair">\n${found.map(({ figure }) => narrowDrawing(figure, `${id}-${figure.label}-`)).join('')}</div>\n`
      : drawingBlock(found[0].figure, `${id}-`);
  return (
    `<figure id="${id}">\n${drawings}` +
    `${numberedCaption(id, number, `${caption} ${sourceOf(found)}`)}</figure>\n`
  );
}

/** The way to the chapters in which the figures stand with all that belongs to them. */
function sourceOf(found: readonly NotebookFigure[]): string {
  const link = ({ figure, page }: NotebookFigure, words: string) =>
    `<a href="#${PAST_ALIAS}${figure.label}">${words} ${page.chapter}</a>`;
  const [first, second] = found;
  // What stands behind it in the same chapter is found from there.
  const isAlone = second === undefined || second.page === first.page;
  const links = isAlone
    ? link(first, 'From chapter')
    : `${link(first, 'From chapter')} and ${link(second, 'chapter')}`;
  return `${links}, with values and runs.`;
}
