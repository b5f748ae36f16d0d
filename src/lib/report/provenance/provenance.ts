import { escapeMarkup } from '../../chart/escapeMarkup';
import { RUNS, type StoredRun } from '../read/storedRun';
import type { CrossReferences } from '../text/crossReferences';
import { dataText } from '../text/dataText';
import { configProgram } from './configProgram';
import { hashHtml, runFacts } from './runFacts';

/** The part of the page that tells where its numbers come from: a panel for each run that something on it uses. */
export function provenanceSection(
  runs: ReadonlyMap<string, StoredRun>,
  references: CrossReferences,
  source: string,
): string {
  const used = [...references.runs].sort(([a], [b]) => (a < b ? -1 : 1));
  if (used.length === 0) return '';
  const id = references.namePart('provenance');
  references.headings.push({ id, level: 2, html: 'Provenance' });
  const panels = used.map(([name, run]) => panel(runs.get(name)!, run, source));
  return (
    `<section class="notebook provenance">\n<h2 id="${id}">Provenance</h2>\n` +
    `<p>The runs behind this page: what each was, and how to repeat it.</p>\n` +
    `${panels.join('')}</section>\n`
  );
}

/** Links to the panels of runs, in words. */
export function runLinks(names: readonly string[], references: CrossReferences): string {
  return names.map((name) => `<a href="#${references.useRun(name)}">${escapeMarkup(name)}</a>`).join(', ');
}

function panel(run: StoredRun, id: string, source: string): string {
  const { name, profile, config } = run;
  const file = `${name}.ts`;
  const words = configProgram(config);
  const program = `export default ${words};\n`;
  const rows: [string, string][] = [
    ...runFacts(run),
    ['Key', hashHtml(run.key)],
    [
      'Record',
      `<a href="${escapeMarkup(`${source}${RUNS}/${encodeURIComponent(name)}`)}">${escapeMarkup(`${RUNS}/${name}`)}</a>`,
    ],
    [
      'To repeat',
      `<code>npx yolov1 train ${escapeMarkup(file)} --retrain</code> with ` +
        `<a download="${escapeMarkup(file)}" href="data:text/plain;charset=utf-8,${dataText(program)}">${escapeMarkup(file)}</a>`,
    ],
  ];
  const list = rows.map(([term, html]) => `<dt>${term}</dt><dd>${html}</dd>`).join('\n');
  const code = `<pre class="listing scroll"><code>${escapeMarkup(words)}</code></pre>`;
  // The name is inside the fold: a browser that is sent to it unfolds what is around.
  return (
    `<details class="fold run"><summary><span class="what">${escapeMarkup(name)}</span>` +
    `<span class="where">profile ${escapeMarkup(profile)}</span></summary>\n` +
    `<div class="folded" id="${id}"><dl>${list}</dl>\n${code}</div></details>\n`
  );
}
