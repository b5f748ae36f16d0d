import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { figureHtml } from '../../chart/figureHtml';
import { lineChart } from '../../chart/lineChart';
import { htmlComplaints } from '../fixtures/htmlComplaints';
import { buildSingle, code, makeProject, shown, writeRun } from '../fixtures/sampleProject';

let root: string;
let html: string;

before(async () => {
  const figure = async (label: string, ...runs: string[]) => {
    const texts = { label, caption: 'It falls.', alt: 'A falling line.' };
    const paths = runs.map((path) => ({ path }));
    const drawn = await lineChart({ series: { loss: [2, 1] }, yTitle: 'loss' }, { ...texts, runs: paths });
    return shown('text/html', figureHtml(drawn));
  };
  const cells = [
    code('const first = await yolo.runExperiment({});'),
    code('lib.showFigure(one);', await figure('one', '../report/runs/05-first')),
    code('lib.showFigure(both);', await figure('both', '../report/runs/05-first', 'runs/05-second')),
    code('lib.showFigure(none);', await figure('none')),
    code('lib.showFigure(file);', await figure('file', '../report/<b>.json')),
    code('lib.showFigure(lost);', await figure('lost', '/tmp/smoke/<i>lost')),
  ];
  root = await makeProject({ '05-origin.ipynb': cells });
  const config = { seed: 3, name: '05-second', epochs: 7, loss: { kind: '<i>', alpha: 2 } };
  await writeRun(root, '05-second', { record: { config, started: '2026-11-24T06:55:55.364Z' } });
  const path = join(root, 'notebooks/05-origin.ipynb');
  const notebook = JSON.parse(await readFile(path, 'utf8'));
  notebook.metadata.yolov1 = {
    freshness: {
      source: 'c0de',
      modules: { yolov1: 'ab12' },
      inputs: { '../report/runs/05-first': 'x', '../report/runs/05-second': 'y', '../report/<b>.json': 'z' },
    },
  };
  await writeFile(path, JSON.stringify(notebook));
  ({ html } = await buildSingle(root));
});

after(() => rm(root, { recursive: true }));

/** What the panel of a figure says: its summary, its rows, its table. */
function panel(number: number, chapter = 5) {
  const text = (part: string) => part.replace(/<[^>]*>/g, '').trim();
  const block = html
    .split('<details class="fold origin">')
    .find((part) => part.startsWith(`<summary>Provenance of figure ${chapter}.${number} `))!
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
    ['Drawn by', '05-origin.ipynb, cell 2; notebook c0de, yolov1 ab12'],
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
    ['05-first', 'epochs 5; loss.alpha unset; loss.kind unset', '2026-11-23 06:55 UTC'],
    ['05-second', 'epochs 7; loss.alpha 2; loss.kind &lt;i&gt;', '2026-11-24 06:55 UTC'],
  ]);
});

test('a figure that is computed says that no run is behind it, one of another file names that', () => {
  assert.deepEqual([panel(3).summary, panel(3).rows.length], ['computed, no run', 2]);
  assert.deepEqual(panel(4).rows[1], ['Reads', 'report/&lt;b&gt;.json z']);
  assert.equal(panel(4).summary, 'from a file, no run');
  assert.deepEqual(panel(4).links, ['../../report/%3Cb%3E.json']);
  assert.deepEqual(panel(5).rows[1], ['Reads', '&lt;i&gt;lost, which the project does not keep']);
});

test('the panels are valid HTML, and each run has its entry', async () => {
  assert.deepEqual(await htmlComplaints(html), []);
  for (const id of ['run-05-first', 'run-05-second']) assert.ok(html.includes(` id="${id}"`));
});

test('a notebook that was executed elsewhere says so', async () => {
  const path = join(root, 'notebooks/05-origin.ipynb');
  const notebook = JSON.parse(await readFile(path, 'utf8'));
  notebook.metadata = {};
  await writeFile(path, JSON.stringify(notebook));
  ({ html } = await buildSingle(root));
  assert.equal(panel(1).summary, '1 run');
  assert.match(panel(1).rows[0][1], /cell 2, which was executed elsewhere/);
});

test('a figure of an older version, which names no runs, says so, with one warning for its notebook', async () => {
  const drawn = async (label: string) => {
    const texts = { label, caption: 'It falls.', alt: 'A falling line.', runs: [] };
    const figure = await lineChart({ series: { a: [2, 1] }, yTitle: 'a' }, texts);
    const svg = figure.svg.replace(',"runs":[]', '');
    assert.notEqual(svg, figure.svg);
    return code('draw()', shown('text/html', figureHtml({ ...figure, svg })));
  };
  const older = await makeProject({ '06-older.ipynb': [await drawn('first'), await drawn('second')] });
  const built = await buildSingle(older);
  ({ html } = built);
  assert.deepEqual([panel(1, 6).summary, panel(2, 6).summary], ['not noted', 'not noted']);
  assert.deepEqual(
    built.warnings.filter((words) => words.includes('figures')),
    ['06-older.ipynb: its figures do not say which runs they were made from; execute it again'],
  );
  await rm(older, { recursive: true });
});

test('metadata that someone else wrote harms nothing: it is passed over, shown as text, or named', async () => {
  const path = join(root, 'notebooks/05-origin.ipynb');
  const notebook = JSON.parse(await readFile(path, 'utf8'));
  const build = async (yolov1: unknown) => {
    await writeFile(path, JSON.stringify({ ...notebook, metadata: { yolov1 } }));
    return (await buildSingle(root)).html;
  };
  for (const damaged of [
    null,
    'x',
    [],
    { freshness: 3 },
    { freshness: { source: 'x', inputs: 'abc' } },
    { freshness: { source: 'x', modules: { a: { toString: '' } } } },
  ]) {
    assert.match(await build(damaged), /Provenance of figure 5\.1 /);
  }
  const evil = '<script>alert(1)</script>';
  const inputs = { [`../report/${evil}.json`]: evil };
  assert.doesNotMatch(
    await build({ freshness: { source: evil, modules: { [evil]: evil }, inputs } }),
    /<script>alert/,
  );
  await assert.rejects(
    build({ freshness: { source: 'x', inputs: { '../report/runs/': 'y' } } }),
    /05-origin\.ipynb: made from report\/runs\/, which is not there/,
  );
});
