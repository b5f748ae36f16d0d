import { counted } from 'yolov1/form';
import type { ExperimentResult } from 'yolov1/record';
import { escapeMarkup } from '../../chart/escapeMarkup';
import { nameOf } from '../read/runs';
import type { Page } from '../text/page';
import { differencesOf, runFacts } from './runFacts';
import { runLinks } from './runPanel';

/** Of a fingerprint as many digits stand beside a figure; the run's entry has them all. */
const HASH = /(<code class="hash">[^<]{12})[^<]*/g;
/** Most fields of a configuration beside a run; its entry has them all. */
const MOST_FIELDS = 8;

/** Where a figure comes from. */
export interface Origin {
  /** In a few words, for the closed panel; default: how many runs. */
  count?: string;
  /** How it was drawn, as terms and HTML. */
  drawn: readonly [term: string, html: string][];
  runs: readonly ExperimentResult[];
  /** Command that draws it again. */
  again: string;
}

/** The panel under a figure that tells where it comes from. */
export function originPanel(number: string, { count, drawn, runs, again }: Origin, page: Page): string {
  const rows: [string, string][] = [
    ...drawn.map(([term, words]): [string, string] => [term, shorten(words)]),
    ...commonFacts(runs),
    ['To draw again', `<code>${escapeMarkup(again)}</code>`],
    ...(runs.length > 0 ? [['To train again', trainWords(runs, page)] as [string, string]] : []),
  ];
  const list = rows.map(([term, words]) => `<dt>${term}</dt><dd>${words}</dd>`).join('\n');
  const where = count ?? counted(runs.length, 'run');
  return (
    `<details class="fold origin"><summary>Provenance of figure ${number} <span class="where">${where}</span></summary>\n` +
    `<div class="folded"><dl>${list}</dl>\n${runs.length > 1 ? runTable(runs, page) : ''}</div></details>\n`
  );
}

/** What all runs have in common; of a single one that is all. */
function commonFacts(runs: readonly ExperimentResult[]): [string, string][] {
  const [first, ...rest] = runs.map(shortFacts);
  return (first ?? []).filter(([, words], k) => rest.every((facts) => facts[k][1] === words));
}

function shortFacts(run: ExperimentResult): [string, string][] {
  return runFacts(run).map(([term, words]) => [term, shorten(words)]);
}

function shorten(words: string): string {
  return words.replace(HASH, '$1');
}

/** The command; what it takes is in the entry of each run. */
function trainWords(runs: readonly ExperimentResult[], page: Page): string {
  if (runs.length === 1) {
    const file = escapeMarkup(`${nameOf(runs[0])}.ts`);
    return `<code>npx yolov1 train ${file} --retrain</code>, with the file and the whole configuration from ${runLinks([nameOf(runs[0])], page)}`;
  }
  return '<code>npx yolov1 train NAME.ts --retrain</code> for each run below, with the file from its entry';
}

/** The runs, and what tells them apart. */
function runTable(runs: readonly ExperimentResult[], page: Page): string {
  const facts = runs.map(shortFacts);
  const columns = facts[0].flatMap(([term, words], k) =>
    facts.some((other) => other[k][1] !== words) ? [{ term, k }] : [],
  );
  const differences = differencesOf(runs);
  const rows = runs.map((run, index) => {
    const fields = differences[index].slice(0, MOST_FIELDS).map(escapeMarkup).join('; ');
    const more =
      differences[index].length > MOST_FIELDS ? `; ${differences[index].length - MOST_FIELDS} more` : '';
    const cells = [
      runLinks([nameOf(run)], page),
      `${fields}${more}`,
      ...columns.map(({ k }) => facts[index][k][1]),
    ];
    return `<tr>${cells.map((words) => `<td>${words}</td>`).join('')}</tr>`;
  });
  const head = ['Run', 'Configuration, where they differ', ...columns.map(({ term }) => term)];
  return (
    `<div class="scroll table"><table><thead><tr>${head.map((term) => `<th scope="col">${term}</th>`).join('')}</tr></thead>\n` +
    `<tbody>${rows.join('\n')}</tbody></table></div>`
  );
}
