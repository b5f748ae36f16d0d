import type { ExperimentResult } from 'yolov1/record';
import { escapeMarkup } from '../../chart/escapeMarkup';
import { nameOf, RUNS } from '../read/runs';
import { dataText } from '../text/dataText';
import type { Page } from '../text/page';
import { configProgram } from './configProgram';
import { hashHtml, runFacts } from './runFacts';

/** Links to the panels of runs, in words. */
export function runLinks(names: readonly string[], page: Page): string {
  return names
    .map((name) => `<a href="#${page.project.references.runId(name)}">${escapeMarkup(name)}</a>`)
    .join(', ');
}

/** What a run was and how to repeat it, folded. */
export function runPanel(run: ExperimentResult, page: Page): string {
  const { profile, config, key } = run.record;
  const name = nameOf(run);
  const id = page.project.references.runId(name);
  const file = `${name}.ts`;
  const words = configProgram(config);
  const program = `export default ${words};\n`;
  const rows: [string, string][] = [
    ...runFacts(run),
    ['Key', hashHtml(key)],
    [
      'Record',
      `<a href="${escapeMarkup(page.sourceOf(`${RUNS}/${name}`))}">${escapeMarkup(`${RUNS}/${name}`)}</a>`,
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
