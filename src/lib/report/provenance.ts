import { escapeMarkup } from '../chart/escapeMarkup';
import type { Highlight } from './highlight';
import type { Ledger } from './ledger';
import { RUNS, type StoredData, type StoredRun } from './storedRun';

/** The part of the page that tells where its numbers come from: a panel for each run that something on it uses. */
export function provenanceSection(
  runs: ReadonlyMap<string, StoredRun>,
  ledger: Ledger,
  highlight: Highlight,
  source: string,
): string {
  const used = [...ledger.runs].sort(([a], [b]) => (a < b ? -1 : 1));
  if (used.length === 0) return '';
  const id = ledger.namePart('provenance');
  ledger.headings.push({ id, level: 2, html: 'Provenance' });
  const panels = used.map(([name, run]) => panel(runs.get(name)!, run, highlight, source));
  return (
    `<section class="notebook provenance">\n<h2 id="${id}">Provenance</h2>\n` +
    `<p>The runs behind this page: what each was, and how to repeat it.</p>\n` +
    `${panels.join('')}</section>\n`
  );
}

/** Links to the panels of runs, in words. */
export function runLinks(names: readonly string[], ledger: Ledger): string {
  return names.map((name) => `<a href="#${ledger.useRun(name)}">${escapeMarkup(name)}</a>`).join(', ');
}

function panel(run: StoredRun, id: string, highlight: Highlight, source: string): string {
  const { name, profile, config, data, weights, backend } = run;
  const file = `${name}.ts`;
  const program = `export default ${JSON.stringify(config, null, 2)};\n`;
  const rows: [string, string][] = [
    ['Profile', escapeMarkup(profile)],
    ['Seed', escapeMarkup(String(config.seed ?? 'not in the record'))],
    ['Trained on', dataWords(data.train)],
    ['Evaluated on', dataWords(data.evaluate)],
    ['Weights at the start', `${escapeMarkup(weights.source)} ${hash(weights.fingerprint)}`],
    ['Code', escapeMarkup(`yolov1 ${run.code}`)],
    [
      'Backend',
      escapeMarkup(
        `${backend.name} ${backend.version} on ${backend.device}, ${backend.cores} ${plural(backend.cores, 'core')}`,
      ),
    ],
    ['Started', `${escapeMarkup(new Date(run.started).toISOString().slice(0, 16).replace('T', ' '))} UTC`],
    ['Took', duration(run.seconds)],
    ['Key', hash(run.key)],
    [
      'Record',
      `<a href="${escapeMarkup(`${source}${RUNS}/${encodeURIComponent(name)}`)}">${escapeMarkup(`${RUNS}/${name}`)}</a>`,
    ],
    [
      'To repeat',
      `<code>npx yolov1 train ${escapeMarkup(file)} --retrain</code> with ` +
        `<a download="${escapeMarkup(file)}" href="data:text/plain;charset=utf-8,${encodeURIComponent(program)}">${escapeMarkup(file)}</a>`,
    ],
  ];
  const list = rows.map(([term, words]) => `<dt>${term}</dt><dd>${words}</dd>`).join('\n');
  const code = `<pre class="listing scroll"><code>${highlight(JSON.stringify(config, null, 2), 'json')}</code></pre>`;
  // The name is inside the fold: a browser that is sent to it unfolds what is around.
  return (
    `<details class="fold run"><summary><span class="what">${escapeMarkup(name)}</span>` +
    `<span class="where">profile ${escapeMarkup(profile)}</span></summary>\n` +
    `<div class="folded" id="${id}"><dl>${list}</dl>\n${code}</div></details>\n`
  );
}

function dataWords({ parts, pictures, fingerprint }: StoredData): string {
  return `${escapeMarkup(parts.join(', '))}: ${pictures} pictures ${hash(fingerprint)}`;
}

function hash(fingerprint: string): string {
  return `<code class="hash">${escapeMarkup(fingerprint)}</code>`;
}

/** Whole seconds as a reader says them: `2 h 3 min`, `14 min 39 s`, `45 s`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

function plural(count: number, word: string): string {
  return count === 1 ? word : `${word}s`;
}
