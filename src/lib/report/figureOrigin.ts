import { posix } from 'node:path';
import { escapeMarkup } from '../chart/escapeMarkup';
import type { CodeCell } from '../notebook/format';
import { figureInputs } from './figureInputs';
import type { Ledger } from './ledger';
import type { NotebookOrigin } from './notebookOrigin';
import { type Place, placeWords } from './place';
import { configDifferences, hashHtml, runFacts } from './runFacts';
import { RUNS, type StoredRun } from './storedRun';

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

/** Of a fingerprint as many digits stand beside a figure; the run's entry has them all. */
const HASH = /(<code class="hash">[^<]{12})[^<]*/g;
/** Most fields of a configuration beside a run; its entry has them all. */
const MOST_FIELDS = 8;

/** Tells of each figure of a notebook where it comes from: the panel under it. */
export function figureOrigins(
  cells: readonly CodeCell[],
  origin: NotebookOrigin | undefined,
  context: OriginContext,
): FigureOrigins {
  const inputs = Object.keys(origin?.inputs ?? {});
  const noted = origin?.cellInputs;
  // An older version did not note which cell read what: then each that reads may have read all.
  const read = ({ id, source }: CodeCell) =>
    noted ? (noted[id] ?? []) : source.includes('recordInput(') ? inputs : [];
  const inputsOf = figureInputs(cells, read);
  return (label, number, place) => {
    const paths = inputsOf(place.cell - 1, label);
    const fromRoot = paths.map((path) => posix.normalize(posix.join(context.folder, path)));
    const names = fromRoot.map((path) => (path.startsWith(`${RUNS}/`) ? path.split('/')[2] : undefined));
    const runs = [...new Set(names)].flatMap((name) => (name && context.stored.get(name)) || []);
    const others = fromRoot.filter((_, k) => names[k] === undefined);
    const count = !origin ? 'not noted' : runs.length === 0 ? 'computed, no run' : runWords(runs.length);
    const rows: [string, string][] = [
      ['Drawn by', drawnBy(place, origin)],
      ...others.map((path, k): [string, string] => [k === 0 ? 'Reads' : '', fileLink(path, context)]),
      ...commonFacts(runs),
      ['To draw again', `<code>npm run report -- --execute --only ${escapeMarkup(beginning(place))}</code>`],
      ...(runs.length > 0 ? [['To train again', trainWords(runs, context)] as [string, string]] : []),
    ];
    const list = rows.map(([term, words]) => `<dt>${term}</dt><dd>${words}</dd>`).join('\n');
    return (
      `<details class="fold origin"><summary>Provenance of figure ${number} <span class="where">${count}</span></summary>\n` +
      `<div class="folded"><dl>${list}</dl>\n${runs.length > 1 ? runTable(runs, context) : ''}</div></details>\n`
    );
  };
}

function runWords(count: number): string {
  return count === 1 ? '1 run' : `${count} runs`;
}

/** The cell, and the code as it was when it drew. */
function drawnBy(place: Place, origin: NotebookOrigin | undefined): string {
  const cell = escapeMarkup(placeWords(place));
  if (!origin) return `${cell}, which was executed elsewhere: what it read is not noted`;
  const versions = Object.entries({ notebook: origin.code, ...origin.modules });
  return shorten(
    `${cell}; ${versions.map(([name, hash]) => `${escapeMarkup(name)} ${hashHtml(hash)}`).join(', ')}`,
  );
}

function fileLink(path: string, { source }: OriginContext): string {
  return `<a href="${escapeMarkup(`${source}${path.split('/').map(encodeURIComponent).join('/')}`)}">${escapeMarkup(path)}</a>`;
}

/** What all runs have in common; of a single one that is all. */
function commonFacts(runs: readonly StoredRun[]): [string, string][] {
  const [first, ...rest] = runs.map(shortFacts);
  return (first ?? []).filter(([, words], k) => rest.every((facts) => facts[k][1] === words));
}

function shortFacts(run: StoredRun): [string, string][] {
  return runFacts(run).map(([term, words]) => [term, shorten(words)]);
}

function shorten(words: string): string {
  return words.replace(HASH, '$1');
}

/** The command; what it takes is in the entry of each run. */
function trainWords(runs: readonly StoredRun[], context: OriginContext): string {
  const link = (run: StoredRun) =>
    `<a href="#${context.ledger.useRun(run.name)}">${escapeMarkup(run.name)}</a>`;
  if (runs.length === 1) {
    const file = escapeMarkup(`${runs[0].name}.ts`);
    return `<code>npx yolov1 train ${file} --retrain</code>, with the file and the whole configuration from ${link(runs[0])}`;
  }
  return '<code>npx yolov1 train NAME.ts --retrain</code> for each run below, with the file from its entry';
}

/** The runs, and what tells them apart. */
function runTable(runs: readonly StoredRun[], { ledger }: OriginContext): string {
  const facts = runs.map(shortFacts);
  const columns = facts[0].flatMap(([term, words], k) =>
    facts.some((other) => other[k][1] !== words) ? [{ term, k }] : [],
  );
  const differences = configDifferences(runs);
  const rows = runs.map((run, index) => {
    const link = `<a href="#${ledger.useRun(run.name)}">${escapeMarkup(run.name)}</a>`;
    const fields = differences[index].slice(0, MOST_FIELDS).map(escapeMarkup).join('; ');
    const more =
      differences[index].length > MOST_FIELDS ? `; ${differences[index].length - MOST_FIELDS} more` : '';
    const cells = [link, `${fields}${more}`, ...columns.map(({ k }) => facts[index][k][1])];
    return `<tr>${cells.map((words) => `<td>${words}</td>`).join('')}</tr>`;
  });
  const head = ['Run', 'Configuration, where they differ', ...columns.map(({ term }) => term)];
  return (
    `<div class="scroll table"><table><thead><tr>${head.map((term) => `<th scope="col">${term}</th>`).join('')}</tr></thead>\n` +
    `<tbody>${rows.join('\n')}</tbody></table></div>`
  );
}

/** What `--only` takes for a notebook. */
function beginning({ notebook }: Place): string {
  return /^\d+/.exec(notebook)?.[0] ?? notebook;
}
