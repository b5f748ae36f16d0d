import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { barChart } from '../../chart/barChart';
import { figureHtml } from '../../chart/figureHtml';
import { htmlComplaints } from '../fixtures/htmlComplaints';
import { changeConfig, code, makeProject, sampleNotebooks, shown } from '../fixtures/sampleProject';
import { buildReport } from '../page/buildReport';

let root: string;
let html: string;

before(async () => {
  const notebooks = await sampleNotebooks();
  const best = await barChart(
    { valueTitle: 'mAP@.5', bars: [{ name: '<b>frozen</b>', value: 0.3 }] },
    {
      label: 'best',
      caption: 'Frozen features reach mAP@.5 of $\\tfrac13$. More is in the text.',
      alt: 'One bar.',
    },
  );
  notebooks['04-best.ipynb'] = [code('showFigure(best);', shown('text/html', figureHtml(best)))];
  root = await makeProject(notebooks);
  await changeConfig(root, { openingFigure: 'best' });
  html = await readFile((await buildReport(root)).path, 'utf8');
});

after(() => rm(root, { recursive: true }));

test('the page opens with the figure that its config names, and leads to its place', () => {
  const opening = /<figure class="best">[\s\S]*?<\/figure>/.exec(html)?.[0] ?? '';
  assert.match(opening, /var\(--chart-series1/);
  assert.match(opening, /&lt;b&gt;frozen/);
  assert.match(opening, /Frozen features reach mAP@\.5 of <span class="unbroken"><span class="katex">/);
  assert.doesNotMatch(opening, /More is in the text/);
  assert.match(opening, / More under <a href="#best">Figure\u00a04<\/a>\.<\/figcaption>/);
  assert.ok(html.indexOf('class="best"') < html.indexOf('<h2'));
});

test('a drawing that stands on the page twice gives no name twice, and the page stays valid', async () => {
  const names = [...html.matchAll(/ id="([^"]*)"/g)].map((match) => match[1]);
  assert.deepEqual(names, [...new Set(names)]);
  assert.deepEqual((await htmlComplaints(html)).slice(0, 5), []);
});

test('a label in the config that no figure has ends the build, which says which there are', async () => {
  for (const field of ['openingFigure', 'collapseAfter']) {
    await changeConfig(root, { openingFigure: undefined, collapseAfter: undefined, [field]: 'nowhere' });
    await assert.rejects(buildReport(root), {
      message: `report/config.json: '${field}' is 'nowhere', which is no figure of the page; there are confidence, loss-parts, class-ap, best`,
    });
  }
});
