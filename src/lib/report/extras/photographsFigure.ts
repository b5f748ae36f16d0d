import { escapeMarkup } from '../../chart/escapeMarkup';
import type { FoundBox } from '../../figure/detectionsFigure';
import { type PhotographPanel, photographPanel } from '../../figure/photographPanel';
import { numberedCaption } from '../figure/drawing';
import { valuesBlock } from '../figure/figureValues';
import { type Origin, originPanel } from '../provenance/originPanel';
import type { Photographs } from '../read/photographs';
import type { PhotographsConfig } from '../read/photographsConfig';
import type { Place } from '../read/place';
import { type MarkdownContext, renderInline } from '../text/markdown';

/** Of each picture, as many of the surest detections are drawn. */
const MOST = 3;
/** Folder of the photographs beside the page. */
export const PHOTOGRAPHS = 'photographs';
const PLACE: Place = { notebook: 'report/config.json', kind: 'file', cell: 1 };

/** Where the page has a photograph's file, from the page. */
export function photographPath(key: string): string {
  return `${PHOTOGRAPHS}/${key.replace('/', '-')}.webp`;
}

/** A figure that compares runs on the same photographs, or on empty frames where they are not at hand. */
export function photographsFigure(
  figure: PhotographsConfig,
  photographs: Photographs,
  inline: boolean,
  common: MarkdownContext,
): string {
  const { label, caption, alt, runs, pictures } = figure;
  const context = { ...common, place: PLACE };
  const { references } = context;
  const number = references.nameNumbered('figure', label, PLACE);
  const classes = classesOf(figure, photographs);
  const head = runs.map(({ run, title }) => {
    const map = photographs.detections.get(run)!.map.toFixed(4);
    return `<th scope="col">${escapeMarkup(title)} <a class="quoted" href="#${references.useRun(run)}" title="${escapeMarkup(run)}">mAP@.5 = ${map}</a></th>`;
  });
  const rows = pictures.map(({ key, width, height }) => {
    const photograph = photographs.found.get(key);
    const id = references.namePart(`${label}-${key.replace('/', '-').toLowerCase()}`);
    const objects = photograph?.objects ?? [];
    const cells = runs.map(({ run, title }, column) => {
      const detections = surest(photographs, run, key);
      const picture: PhotographPanel['picture'] = !photograph
        ? undefined
        : column > 0
          ? { shown: id }
          : { id, href: inline ? dataAddress(photograph.file) : photographPath(key) };
      const words = detections.map(({ name, score }) => `${name} ${score.toFixed(2)}`).join(', ');
      const panel = { width, height, detections, objects, classes, ...(picture ? { picture } : {}) };
      return `<td>${photographPanel({ ...panel, alt: `${title}, ${key}: ${words || 'nothing found'}` })}</td>`;
    });
    return `<tr>${cells.join('')}</tr>`;
  });
  const absent = pictures.some(({ key }) => !photographs.found.has(key));
  const note = absent
    ? ' Where a photograph is not on the machine that built the page, boxes stand on an empty frame of its size.'
    : '';
  return (
    `<figure id="${label}" class="photographs">\n<div class="drawing scroll"><table aria-label="${escapeMarkup(alt)}">\n` +
    `<thead><tr>${head.join('')}</tr></thead>\n<tbody>\n${rows.join('\n')}\n</tbody></table></div>\n` +
    `${numberedCaption(label, number, `${renderInline(caption, context)}${note}`)}</figure>\n` +
    valuesBlock({ label, data: valuesOf(figure, photographs) }, number) +
    originPanel(number, originOf(figure, photographs), references)
  );
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
  return detections.get(run)!.pictures.get(key)!.slice(0, MOST);
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
