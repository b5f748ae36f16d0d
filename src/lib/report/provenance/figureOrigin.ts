import { posix } from 'node:path';
import { escapeMarkup } from '../../chart/escapeMarkup';
import type { Figure } from '../../chart/figure';
import type { NotebookOrigin } from '../read/notebookOrigin';
import { type Place, placeWords } from '../read/place';
import type { Page, Spot } from '../text/page';
import { originPanel } from './originPanel';
import { hashHtml } from './runFacts';

/** Tells of a notebook's figure where it comes from, as it says itself: the panel under it. */
export function figureOrigin({ runs: names }: Figure, number: string, { page, place }: Spot): string {
  const again = `npm run report -- --execute --only ${beginning(place)}`;
  const drawnBy: [string, string] = ['Drawn by', cellWords(place, page.origin)];
  if (!names) {
    page.warnOnce(
      { ...place, kind: 'file' },
      'its figures do not say which runs they were made from; execute it again',
    );
    return originPanel(number, { drawn: [drawnBy], runs: [], again, count: 'not noted' }, page);
  }
  const { stored } = page.project;
  const runs = names.flatMap((name) => stored.get(name) ?? []);
  const others = names
    .filter((name) => !stored.has(name))
    .map((name): [string, string] => ['Reads', fileWords(name, page)]);
  const count = runs.length > 0 ? undefined : others.length > 0 ? 'from a file, no run' : 'computed, no run';
  return originPanel(number, { drawn: [drawnBy, ...others], runs, again, ...(count && { count }) }, page);
}

/** The cell, and the code as it was when it drew. */
function cellWords(place: Place, origin: NotebookOrigin | undefined): string {
  const cell = escapeMarkup(placeWords(place));
  if (!origin) return `${cell}, which was executed elsewhere`;
  const versions = Object.entries({ notebook: origin.code, ...origin.modules });
  return `${cell}; ${versions.map(([name, hash]) => `${escapeMarkup(name)} ${hashHtml(hash)}`).join(', ')}`;
}

/** A file that is no record: with its address and its hash if the notebook noted it. */
function fileWords(name: string, page: Page): string {
  const noted = Object.entries(page.origin?.inputs ?? {}).find(([path]) => posix.basename(path) === name);
  if (!noted) return `${escapeMarkup(name)}, which the project does not keep`;
  const [path, hash] = noted;
  const fromRoot = posix.normalize(posix.join(page.project.folder, path));
  return `<a href="${escapeMarkup(page.sourceOf(fromRoot))}">${escapeMarkup(fromRoot)}</a> ${hashHtml(hash)}`;
}

/** What `--only` takes for a notebook. */
function beginning({ notebook }: Place): string {
  return /^\d+/.exec(notebook)?.[0] ?? notebook;
}
