import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { source as axe } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { writeScenesDevkit } from 'yolov1/data';
import { makeFigure } from '../../chart/figure';
import { figureHtml } from '../../chart/figureHtml';
import { launchBrowser, withoutBrowser as skip } from '../fixtures/browser';
import {
  changeConfig,
  code,
  makeProject,
  sampleEvaluation,
  sampleNotebooks,
  shown,
  writeRun,
} from '../fixtures/sampleProject';
import { buildReport } from './buildReport';

/** Width of the text on A4 with the page's margins, CSS pixels. */
const PAPER = 657;

let browser: Browser;
let root: string;
let data: string;
let url: string;
const dataBefore = process.env.YOLOV1_DATA;

before(async () => {
  if (skip) return;
  data = await mkdtemp(join(tmpdir(), 'yolov1-layout-'));
  await writeScenesDevkit(data, { train: 1, val: 1 });
  process.env.YOLOV1_DATA = data;
  const row = Object.fromEntries(Array.from({ length: 14 }, (_, k) => [`unbreakable${k}`, 123_456.789]));
  const wide = makeFigure(
    { width: 600, height: 100, body: '<rect width="600" height="100" fill="#0067a5"/>' },
    { label: 'wide', caption: 'Many values.', alt: 'A bar.', runs: [] },
    [row],
  );
  const notebooks = await sampleNotebooks();
  notebooks['04-wide.ipynb'] = [code('showFigure(wide);', shown('text/html', figureHtml(wide)))];
  root = await makeProject(notebooks);
  const evaluation = sampleEvaluation();
  const box = { left: 20, top: 30, right: 200, bottom: 220 };
  const detections = [{ key: 'Scenes/000001', detections: [{ classIndex: 0, score: 0.5, box }] }];
  await writeRun(root, '05-first', {
    evaluation: { ...evaluation, final: { ...evaluation.final, detections } },
  });
  const measured = {
    what: 'it',
    files: ['runs/05-first/evaluation.json'],
    name: 'final.pooled.map',
    digits: 2,
  };
  const claim = { id: 'one', short: 'One', claim: 'One is claimed.', source: 'A page', because: 'It is so.' };
  await writeFile(
    join(root, 'report/claims.json'),
    JSON.stringify({
      claims: [{ ...claim, verdict: 'confirmed', measured: [measured] }],
    }),
  );
  await changeConfig(root, {
    photographs: [
      {
        after: 'wide',
        label: 'beside',
        caption: 'Twice the same.',
        alt: 'A scene.',
        runs: ['One', 'Two', 'Three'].map((title) => ({ run: '05-first', title })),
        pictures: [{ key: 'Scenes/000001', width: 373, height: 307 }],
      },
    ],
  });
  url = pathToFileURL((await buildReport(root, true)).path).href;
  browser = await launchBrowser();
});

after(async () => {
  if (dataBefore === undefined) delete process.env.YOLOV1_DATA;
  else process.env.YOLOV1_DATA = dataBefore;
  await browser?.close();
  for (const folder of [root, data]) if (folder) await rm(folder, { recursive: true });
});

async function visit(width: number, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
  const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
  await page.goto(url);
  await page.evaluate('document.fonts.ready');
  return page;
}

test('photographs are loaded from beside the pages, also where they are shown again', { skip }, async () => {
  await buildReport(root);
  const page = await browser.newPage();
  const loaded: string[] = [];
  const complaints: string[] = [];
  page.on('requestfinished', (request) => loaded.push(request.url()));
  page.on('requestfailed', (request) => complaints.push(request.url()));
  page.on('console', (message) => complaints.push(message.text()));
  await page.goto(url.replace('single.html', 'wide/index.html'));
  await page.locator('#beside').scrollIntoViewIfNeeded();
  assert.deepEqual(complaints, []);
  assert.equal(loaded.filter((one) => one.endsWith('photographs/Scenes-000001.webp')).length, 1);
  const drawn = await page.evaluate(
    '[...document.querySelectorAll("#beside svg > :first-child")].map((e) => [e.getBBox().width, e.getBBox().height])',
  );
  assert.deepEqual(drawn, Array(3).fill([240, 198]));
  await page.close();
});

for (const [width, scheme] of [
  [360, 'dark'],
  [1440, 'light'],
] as const) {
  test(`photographs and claims are as accessible as the rest at ${width} pixels, ${scheme}`, {
    skip,
  }, async () => {
    const page = await visit(width, scheme);
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width);
    await page.evaluate(axe);
    const { violations } = (await page.evaluate('axe.run()')) as {
      violations: { id: string; nodes: { target: string[] }[] }[];
    };
    assert.deepEqual(
      violations.map(({ id, nodes }) => `${id}: ${nodes[0].target}`),
      [],
    );
    await page.close();
  });
}

test('on a phone a verdict is seen without scrolling sideways', { skip }, async () => {
  const page = await visit(360);
  const { x, width } = (await page.locator('.claims td .verdict').boundingBox())!;
  assert.ok(x >= 0 && x + width <= 360, `${x} to ${x + width}`);
  await page.close();
});

test('nothing is wider than the paper, or printing would make all of it smaller', { skip }, async () => {
  const page = await visit(PAPER);
  await page.emulateMedia({ media: 'print' });
  await page.evaluate('for (const fold of document.querySelectorAll("details")) fold.open = true');
  assert.equal(await page.evaluate('document.documentElement.scrollWidth'), PAPER);
  assert.ok(await page.locator('th', { hasText: 'unbreakable13' }).isVisible());
  await page.close();
});
