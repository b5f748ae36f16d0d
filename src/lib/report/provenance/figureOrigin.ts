import { posix } from 'node:path';
import { escapeMarkup } from '../../chart/escapeMarkup';
import type { Figure } from '../../chart/figure';
import type { NotebookOrigin } from '../read/notebookOrigin';
import { type Place, placeWords } from '../read/place';
import type { StoredRun } from '../read/storedRun';
import type { CrossReferences } from '../text/crossReferences';
import { originPanel } from './originPanel';
import { hashHtml } from './runFacts';

/** What the page knows of where things come from. */
export interface OriginContext {
  references: CrossReferences;
  /** Runs by name. */
  stored: ReadonlyMap<string, StoredRun>;
  /** Folder of the notebooks and address of the project's root, as links have them. */
  folder: string;
  source: string;
}

/** HTML of where a figure comes from, with its number and the place of its cell. */
export type FigureOrigins = (figure: Figure, number: number, place: Place) => string;

/** Tells of each figure of a notebook where it comes from, as it says itself: the panel under it. */
export function figureOrigins(origin: NotebookOrigin | undefined, context: OriginContext): FigureOrigins {
  const silent: string[] = [];
  return ({ label, runs: names }, number, place) => {
    const again = `npm run report -- --execute --only ${beginning(place)}`;
    const drawnBy: [string, string] = ['Drawn by', cellWords(place, origin)];
    if (!names) {
      // Figures of an older version; the notebook's last words name all of its runs.
      if (silent.push(label) === 1) {
        const file: Place = { ...place, kind: 'file' };
        context.references.warn(
          file,
          'its figures do not say which runs they were made from; execute it again',
        );
      }
      return originPanel(
        number,
        { drawn: [drawnBy], runs: [], again, count: 'not noted' },
        context.references,
      );
    }
    const runs = names.flatMap((name) => context.stored.get(name) ?? []);
    const others = names
      .filter((name) => !context.stored.has(name))
      .map((name): [string, string] => ['Reads', fileWords(name, origin, context)]);
    const count =
      runs.length > 0 ? undefined : others.length > 0 ? 'from a file, no run' : 'computed, no run';
    const told = { drawn: [drawnBy, ...others], runs, again, ...(count ? { count } : {}) };
    return originPanel(number, told, context.references);
  };
}

/** The cell, and the code as it was when it drew. */
function cellWords(place: Place, origin: NotebookOrigin | undefined): string {
  const cell = escapeMarkup(placeWords(place));
  if (!origin) return `${cell}, which was executed elsewhere`;
  const versions = Object.entries({ notebook: origin.code, ...origin.modules });
  return `${cell}; ${versions.map(([name, hash]) => `${escapeMarkup(name)} ${hashHtml(hash)}`).join(', ')}`;
}

/** A file that is no record: with its address and its hash if the notebook noted it. */
function fileWords(name: string, origin: NotebookOrigin | undefined, context: OriginContext): string {
  const noted = Object.entries(origin?.inputs ?? {}).find(([path]) => posix.basename(path) === name);
  if (!noted) return `${escapeMarkup(name)}, which the project does not keep`;
  const [path, hash] = noted;
  const fromRoot = posix.normalize(posix.join(context.folder, path));
  const href = `${context.source}${fromRoot.split('/').map(encodeURIComponent).join('/')}`;
  return `<a href="${escapeMarkup(href)}">${escapeMarkup(fromRoot)}</a> ${hashHtml(hash)}`;
}

/** What `--only` takes for a notebook. */
function beginning({ notebook }: Place): string {
  return /^\d+/.exec(notebook)?.[0] ?? notebook;
}
