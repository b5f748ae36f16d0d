import { posix } from 'node:path';
import { escapeMarkup } from '../chart/escapeMarkup';
import type { CodeCell } from '../notebook/format';
import type { CellStatement } from './cellStatements';
import { figureInputs } from './figureInputs';
import type { Ledger } from './ledger';
import { type NotebookOrigin, runOf } from './notebookOrigin';
import { originPanel } from './originPanel';
import { type Place, placeWords } from './place';
import { hashHtml } from './runFacts';
import type { StoredRun } from './storedRun';

/** What the page knows of where things come from. */
export interface OriginContext {
  ledger: Ledger;
  /** Runs by name. */
  stored: ReadonlyMap<string, StoredRun>;
  /** Folder of the notebooks and address of the project's root, as links have them. */
  folder: string;
  source: string;
}

/** HTML of where a figure comes from, by its label, its number and the place of its cell. */
export type FigureOrigins = (label: string, number: number, place: Place) => string;

/** Tells of each figure of a notebook where it comes from: the panel under it. */
export function figureOrigins(
  cells: readonly CodeCell[],
  statements: readonly (readonly CellStatement[])[],
  origin: NotebookOrigin | undefined,
  context: OriginContext & { notebook: string },
): FigureOrigins {
  const inputs = Object.keys(origin?.inputs ?? {});
  const noted = origin?.cellInputs;
  // An older version did not note which cell read what: then each that reads may have read all.
  if (origin && !noted && inputs.length > 0) {
    context.ledger.warn(
      { notebook: context.notebook, kind: 'file', cell: 1 },
      'which cell read what is not noted, so its figures name all of its runs; execute it again',
    );
  }
  const read = ({ id, source }: CodeCell) =>
    noted ? (noted[id] ?? []) : source.includes('recordInput(') ? inputs : [];
  const inputsOf = figureInputs(statements, (cell) => read(cells[cell]));
  return (label, number, place) => {
    const paths = inputsOf(place.cell - 1, label);
    const fromRoot = paths.map((path) => posix.normalize(posix.join(context.folder, path)));
    const names = paths.map(runOf);
    const runs = [...new Set(names)].flatMap((name) => (name && context.stored.get(name)) || []);
    const others = fromRoot.flatMap((path, k) =>
      names[k] === undefined
        ? [`${fileLink(path, context)} ${hashHtml(origin?.inputs[paths[k]] ?? '')}`]
        : [],
    );
    const drawn: [string, string][] = [
      ['Drawn by', drawnBy(place, origin)],
      ...others.map((words): [string, string] => ['Reads', words]),
    ];
    const made = others.length > 0 ? 'from a file, no run' : 'computed, no run';
    const count = !origin ? 'not noted' : runs.length === 0 ? made : undefined;
    const again = `npm run report -- --execute --only ${beginning(place)}`;
    return originPanel(number, { drawn, runs, again, ...(count ? { count } : {}) }, context.ledger);
  };
}

/** The cell, and the code as it was when it drew. */
function drawnBy(place: Place, origin: NotebookOrigin | undefined): string {
  const cell = escapeMarkup(placeWords(place));
  if (!origin) return `${cell}, which was executed elsewhere: what it read is not noted`;
  const versions = Object.entries({ notebook: origin.code, ...origin.modules });
  return `${cell}; ${versions.map(([name, hash]) => `${escapeMarkup(name)} ${hashHtml(hash)}`).join(', ')}`;
}

function fileLink(path: string, { source }: OriginContext): string {
  return `<a href="${escapeMarkup(`${source}${path.split('/').map(encodeURIComponent).join('/')}`)}">${escapeMarkup(path)}</a>`;
}

/** What `--only` takes for a notebook. */
function beginning({ notebook }: Place): string {
  return /^\d+/.exec(notebook)?.[0] ?? notebook;
}
