import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, test } from 'node:test';
import { figureHtml } from '../../chart/figureHtml';
import { lineChart } from '../../chart/lineChart';
import type { Cell } from '../../notebook/format';
import { code, makeProject, markdown, printed, shown } from '../fixtures/sampleProject';
import { buildReport } from '../page/buildReport';

const folders: string[] = [];
after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

async function warnings(...cells: Cell[]): Promise<readonly string[]> {
  const root = await makeProject({ '05-typed.ipynb': [markdown('# Typed'), ...cells] });
  folders.push(root);
  return (await buildReport(root)).warnings;
}

const TYPED = (cell: string, numbers: string) =>
  `05-typed.ipynb, ${cell}: typed by hand: ${numbers}; quote from a run's record or report/sources.json, or let a cell print it`;

test('results in text that nothing vouches for are named with notebook and cell', async () => {
  assert.deepEqual(
    await warnings(
      markdown(
        'It reaches 0.0356, **then .412**, 31.4 % and −0.25.\n\n- or 0.0356\n\n| a |\n| - |\n| 0.51 |',
      ),
      markdown('A note[^a].\n\n[^a]: It was 0.77.'),
    ),
    [
      TYPED('Markdown cell 2', '0.0356, .412, 31.4 %, −0.25, 0.51'),
      "05-typed.ipynb, Markdown cell 2: a table without a caption; write '[Table (label)](#label): words.' in a paragraph before it",
      TYPED('Markdown cell 3', '0.77'),
    ],
  );
});

test('what is quoted, cited, code, an equation, a setting or no result at all may be typed', async () => {
  const run = '../report/runs/05-first/evaluation.json#final.pooled.map';
  assert.deepEqual(
    await warnings(
      markdown(
        `[31.43 %](${run}), \`0.123\`, $0.456$ and $$x = 0.789$$ [1506.02640](https://arxiv.org/abs/1506.02640)\n\n` +
          '```\n0.321\n```\n\nmAP@.5, mAP@.50, an IoU of .5, 98 %, version 4.22.0, Node 20.19.1, YOLO1.55x, 4.5 times, a rate of 0.05',
      ),
      code('train({ rate: 0.05 });'),
    ),
    [],
  );
});

test('what a cell prints may be said, in its own digits, as a share too', async () => {
  const cell = code("print('0.61');", printed('mAP 0.0311, then 14.25'), shown('text/plain', '.207'));
  assert.deepEqual(await warnings(cell, markdown('It is .0311 or 3.11 %, 14.25 and 0.207.')), []);
  // Not a rounded one, and not what only stands in the code: a result typed there is typed as well.
  assert.deepEqual(
    await warnings(cell, code('const peer = 0.412;'), markdown('It is .03, 0.61 and 0.412.')),
    [TYPED('Markdown cell 2', '.03, 0.61, 0.412')],
  );
});

test('of a caption only what stands in the code of its cell was typed', async () => {
  const html = figureHtml(
    await lineChart(
      { series: { loss: [2, 1] }, yTitle: 'loss' },
      { label: 'loss', caption: 'It falls to 0.123, from 0.456.', alt: 'A falling line.', runs: [] },
    ),
  );
  const source = 'lib.showFigure(chart({ caption: `It falls to 0.123, from $x.` }));';
  assert.deepEqual(await warnings(code(source, shown('text/html', html))), [TYPED('cell 1', '0.123')]);
});
