import { escapeMarkup } from '../../chart/escapeMarkup';
import type { FoundBox } from '../../figure/detectionsFigure';
import type { Photograph } from '../../figure/photograph';
import { photographPanel } from '../../figure/photographPanel';
import { numberedCaption } from '../figure/drawing';
import { valuesBlock } from '../figure/figureValues';
import { type Origin, originPanel } from '../provenance/originPanel';
import type { PhotographsConfig } from '../read/config';
import type { Photographs } from '../read/photographs';
import type { Place } from '../read/place';
import { renderInline } from '../text/markdown';
import type { Page } from '../text/page';

/** Of each picture, as many of the surest detections are drawn. */
const MOST = 3;
/** Folder of the photographs beside the page. */
export const PHOTOGRAPHS = 'photographs';
const PLACE: Place = { notebook: 'report/config.json', kind: 'file', cell: 1 };

/** Where the page has a photograph's file, from the page. */
export function photographPath(key: string): string {
  return `${PHOTOGRAPHS}/${key.replace('/', '-')}.webp`;
}

/**
 * A figure that compares runs on the same photographs, or on empty frames where they are not at hand.
 *
 * @param label - Its own here: it may stand on two pages.
 * @param words - HTML of the caption; default: the figure's own.
 */
export function photographsFigure(
  figure: PhotographsConfig,
  photographs: Photographs,
  page: Page,
  label: string,
  words?: string,
): string {
  const { caption, alt, runs, pictures } = figure;
  const spot = { page, place: PLACE };
  const number = page.nameNumbered('figure', label, PLACE);
  const classes = classesOf(figure, photographs);
  const ids = pictures.map(({ key }) => page.namePart(`${label}-${key.replace('/', '-').toLowerCase()}`));
  const rows = runs.map(({ run, title }, row) => {
    const { map } = photographs.records.get(run)!.evaluation.final.pooled;
    const panels = pictures.map(({ key, width, height }, column) => {
      const photograph = photographs.found.get(key);
      const detections = surest(photographs, run, key);
      const found = detections.map(({ name, score }) => `${name} ${score.toFixed(2)}`).join(', ');
      const id = ids[column];
      const picture =
        photograph && (row > 0 ? { shown: id } : { id, href: addressOf(key, photograph, page) });
      return photographPanel({
        width,
        height,
        detections,
        objects: photograph?.objects ?? [],
        classes,
        ...(picture && { picture }),
        alt: `${title}, ${key}: ${found || 'nothing found'}`,
      });
    });
    const quoted = `<a class="quoted" href="#${page.project.references.runId(run)}" title="${escapeMarkup(run)}">mAP@.5 = ${map.toFixed(4)}</a>`;
    return (
      `<p class="panels-title">${escapeMarkup(title)} ${quoted}</p>\n` +
      `<div class="panels">${panels.join('')}</div>\n`
    );
  });
  const absent = pictures.some(({ key }) => !photographs.found.has(key));
  const note = absent
    ? ' Where a photograph is not on the machine that built the page, boxes stand on an empty frame of its size.'
    : '';
  return (
    `<figure id="${label}" class="photographs${runs.length === 2 ? ' two' : ''}" style="--pictures: ${pictures.length}">\n` +
    `<div class="drawing" role="group" aria-label="${escapeMarkup(alt)}">\n` +
    `${rows.join('')}</div>\n` +
    `${numberedCaption(label, number, `${words ?? renderInline(caption, spot)}${note}`)}</figure>\n` +
    valuesBlock({ label, data: valuesOf(figure, photographs) }, number) +
    originPanel(number, originOf(figure, photographs), page)
  );
}

/** The photographs of all figures, for a page that shows them otherwise. */
export function samplesOf({ found }: Photographs): { name: string; file: Buffer }[] {
  return [...found].map(([name, { file }]) => ({ name, file }));
}

/** Beside the pages, or inside the one. */
function addressOf(key: string, { file }: Photograph, page: Page): string {
  return page.project.single ? dataAddress(file) : `${page.up}${photographPath(key)}`;
}

function originOf({ runs, pictures }: PhotographsConfig, { records, found }: Photographs): Origin {
  const names = pictures.map(({ key }) => escapeMarkup(`${key}${found.has(key) ? '' : ' (not at hand)'}`));
  return {
    drawn: [
      ['Drawn by', 'the build of this page, from the detections that the runs’ records keep'],
      ['Photographs', `${names.join(', ')}, from the data of whoever builds the page`],
    ],
    runs: [...new Set(runs.map(({ run }) => run))].map((run) => records.get(run)!),
    again: 'npm run report',
  };
}

function surest({ detections }: Photographs, run: string, key: string): readonly FoundBox[] {
  return detections.get(run)!.get(key)!.slice(0, MOST);
}

/** Names of the classes that are seen, so that a class has one colour in the whole figure. */
function classesOf({ runs, pictures }: PhotographsConfig, photographs: Photographs): string[] {
  const seen = pictures.flatMap(({ key }) =>
    runs.flatMap(({ run }) => surest(photographs, run, key).map(({ name }) => name)),
  );
  return [...new Set(seen)].sort();
}

function valuesOf({ runs, pictures }: PhotographsConfig, photographs: Photographs) {
  return pictures.flatMap(({ key }) => [
    ...runs.flatMap(({ run }) =>
      surest(photographs, run, key).map(({ name, score, box }) => ({
        picture: key,
        run,
        class: name,
        score,
        ...edges(box),
      })),
    ),
    ...(photographs.found.get(key)?.objects ?? []).map(({ name, box }) => ({
      picture: key,
      run: 'annotated',
      class: name,
      score: null,
      ...edges(box),
    })),
  ]);
}

function edges({ left, top, right, bottom }: FoundBox['box']) {
  return { left, top, right, bottom };
}

function dataAddress(file: Buffer): string {
  return `data:image/webp;base64,${file.toString('base64')}`;
}
