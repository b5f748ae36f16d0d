import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { figureHtml } from '../chart/figureHtml';
import { lineChart } from '../chart/lineChart';
import { buildReport } from './buildReport';
import { htmlComplaints } from './fixtures/htmlComplaints';
import { code, makeProject, sampleRun, shown } from './fixtures/sampleProject';

let root: string;
let html: string;

before(async () => {
  const figure = async (label: string) =>
    shown(
      'text/html',
      figureHtml(
        await lineChart(
          { series: { loss: [2, 1] }, yTitle: 'loss' },
          { label, caption: 'It falls.', alt: 'A falling line.' },
        ),
      ),
    );
  const cells = [
    code('const first = await yolo.runExperiment({});\nlib.recordInput(first.path);'),
    code('const second = await yolo.runExperiment({});\nlib.recordInput(second.path);'),
    code("lib.showFigure(chart(first, { label: 'one' }));", await figure('one')),
    code("lib.showFigure(chart([first, second], { label: 'both' }));", await figure('both')),
    code("lib.showFigure(chart([1, 2], { label: 'none' }));", await figure('none')),
    code(
      "const bench = read('<b>.json');\nlib.recordInput('<b>.json');\nlib.showFigure(chart(bench, { label: 'file' }));",
      await figure('file'),
    ),
  ].map((cell, k) => ({ ...cell, id: `cell-${k + 1}` }));
  root = await makeProject({ '05-origin.ipynb': cells });
  const second = sampleRun('05-second') as Record<string, Record<string, unknown>>;
  const record = second['report/runs/05-second/record.json'];
  record.config = { seed: 3, name: '05-second', epochs: 7, loss: { kind: '<i>', alpha: 2 } };
  record.started = '2026-11-24T06:55:55.364Z';
  for (const [path, content] of Object.entries({ ...sampleRun('05-first'), ...second })) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), JSON.stringify(content));
  }
  const path = join(root, 'notebooks/05-origin.ipynb');
  const notebook = JSON.parse(await readFile(path, 'utf8'));
  notebook.metadata.yolov1 = {
    freshness: {
      source: 'c0de',
      modules: { yolov1: 'ab12' },
      inputs: { '../report/runs/05-first': 'x', '../report/runs/05-second': 'y', '../report/<b>.json': 'z' },
    },
    cellInputs: {
      'cell-1': ['../report/runs/05-first'],
      'cell-2': ['../report/runs/05-second'],
      'cell-6': ['../report/<b>.json'],
    },
  };
  await writeFile(path, JSON.stringify(notebook));
  html = await readFile((await buildReport(root)).path, 'utf8');
});

after(() => rm(root, { recursive: true }));

/** What the panel of a figure says: its summary, its rows, its table. */
function panel(number: number) {
  const text = (part: string) => part.replace(/<[^>]*>/g, '').trim();
  const block = html
    .split('<details class="fold origin">')
    .find((part) => part.startsWith(`<summary>Provenance of figure ${number} `))!
    .split('</details>')[0];
  return {
    summary: text(/<span class="where">(.*?)<\/span>/.exec(block)![1]),
    rows: [...block.matchAll(/<dt>(.*?)<\/dt><dd>(.*?)<\/dd>/g)].map(([, term, words]) => [
      term,
      text(words),
    ]),
    table: [...block.matchAll(/<tr>(.*?)<\/tr>/g)].map(([, row]) =>
      [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/g)].map(([, cell]) => text(cell)),
    ),
    links: [...block.matchAll(/href="(.*?)"/g)].map(([, href]) => href),
  };
}

test('a figure of one run tells all of it, and links to its whole configuration', () => {
  const { summary, rows, table, links } = panel(1);
  assert.equal(summary, '1 run');
  assert.deepEqual(rows, [
    ['Drawn by', '05-origin.ipynb, cell 3; notebook c0de, yolov1 ab12'],
    ['Profile', 'mini'],
    ['Seed', '3'],
    ['Trained on', 'VOC2012/train: 1210 pictures aa11'],
    ['Evaluated on', 'VOC2012/val: 861 pictures bb22'],
    ['Weights at the start', 'resnet18.safetensors cc33'],
    ['Code', 'yolov1 0.1.0'],
    ['Backend', 'tensorflow 2.21.0 on cpu, 2 cores'],
    ['Started', '2026-11-23 06:55 UTC'],
    ['Took', '14 min 39 s'],
    ['To draw again', 'npm run report -- --execute --only 05'],
    [
      'To train again',
      'npx yolov1 train 05-first.ts --retrain, with the file and the whole configuration from 05-first',
    ],
  ]);
  assert.deepEqual(table, []);
  assert.deepEqual(links, ['#run-05-first']);
});

test('a figure of several runs tells once what they share, and in a table what tells them apart', () => {
  const { summary, rows, table } = panel(2);
  assert.equal(summary, '2 runs');
  assert.ok(rows.some(([term]) => term === 'Seed'));
  assert.ok(!rows.some(([term]) => term === 'Started'));
  assert.deepEqual(table, [
    ['Run', 'Configuration, where they differ', 'Started'],
    ['05-first', 'epochs 5; loss unset', '2026-11-23 06:55 UTC'],
    ['05-second', 'epochs 7; loss.kind &lt;i&gt;; loss.alpha 2', '2026-11-24 06:55 UTC'],
  ]);
});

test('a figure that is computed says that no run is behind it, one of another file names that', () => {
  assert.deepEqual([panel(3).summary, panel(3).rows.length], ['computed, no run', 2]);
  assert.deepEqual(panel(4).rows[1], ['Reads', 'report/&lt;b&gt;.json z']);
  assert.equal(panel(4).summary, 'from a file, no run');
  assert.deepEqual(panel(4).links, ['../../report/%3Cb%3E.json']);
});

test('the panels are valid HTML, and each run has its entry', async () => {
  assert.deepEqual(await htmlComplaints(html), []);
  for (const id of ['run-05-first', 'run-05-second']) assert.ok(html.includes(` id="${id}"`));
});

test('a notebook that was executed elsewhere says that what it read is not noted', async () => {
  const path = join(root, 'notebooks/05-origin.ipynb');
  const notebook = JSON.parse(await readFile(path, 'utf8'));
  notebook.metadata = {};
  await writeFile(path, JSON.stringify(notebook));
  html = await readFile((await buildReport(root)).path, 'utf8');
  assert.equal(panel(1).summary, 'not noted');
  assert.match(panel(1).rows[0][1], /cell 3, which was executed elsewhere: what it read is not noted/);
});

test('of a notebook that an older version executed a figure names all runs, with a warning', async () => {
  const path = join(root, 'notebooks/05-origin.ipynb');
  const notebook = JSON.parse(await readFile(path, 'utf8'));
  const inputs = { '../report/runs/05-first': 'x', '../report/runs/05-second': 'y' };
  notebook.metadata = { yolov1: { freshness: { source: 'c0de', modules: {}, inputs } } };
  await writeFile(path, JSON.stringify(notebook));
  const built = await buildReport(root);
  html = await readFile(built.path, 'utf8');
  assert.deepEqual([panel(1).summary, panel(3).summary], ['2 runs', 'computed, no run']);
  assert.ok(
    built.warnings.includes(
      '05-origin.ipynb: which cell read what is not noted, so its figures name all of its runs; execute it again',
    ),
  );
});

test('metadata that someone else wrote harms nothing: it is passed over, shown as text, or named', async () => {
  const path = join(root, 'notebooks/05-origin.ipynb');
  const notebook = JSON.parse(await readFile(path, 'utf8'));
  const build = async (yolov1: unknown) => {
    await writeFile(path, JSON.stringify({ ...notebook, metadata: { yolov1 } }));
    return readFile((await buildReport(root)).path, 'utf8');
  };
  for (const damaged of [
    null,
    'x',
    [],
    { freshness: 3 },
    { freshness: { source: 'x', inputs: 'abc' }, cellInputs: 7 },
    { freshness: { source: 'x', modules: { a: { toString: '' } } }, cellInputs: { a: [{ toString: '' }] } },
  ]) {
    assert.match(await build(damaged), /Provenance of figure 1 /);
  }
  const evil = '<script>alert(1)</script>';
  const inputs = { [`../report/${evil}.json`]: evil };
  const cellInputs = { 'cell-6': [`../report/${evil}.json`, 3], constructor: ['x'] };
  assert.doesNotMatch(
    await build({ freshness: { source: evil, modules: { [evil]: evil }, inputs }, cellInputs }),
    /<script>alert/,
  );
  await assert.rejects(
    build({ freshness: { source: 'x', inputs: { '../report/runs/': 'y' } } }),
    /05-origin\.ipynb: made from report\/runs\/, which is not there/,
  );
});
