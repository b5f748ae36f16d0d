import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { source as axe } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { makeFigure } from '../../chart/figure';
import { figureHtml } from '../../chart/figureHtml';
import type { Output } from '../../kernel/outputs';
import { launchBrowser, withoutBrowser as skip } from '../fixtures/browser';
import { changeConfig, code, makeProject, markdown, sampleNotebooks, shown } from '../fixtures/sampleProject';
import { buildReport } from './buildReport';

if (skip) console.log(skip);

let browser: Browser;
let root: string;
let url: string;

before(async () => {
  if (skip) return;
  const notebooks = await sampleNotebooks();
  const wide = makeFigure(
    { width: 600, height: 100, body: '<rect width="600" height="100" fill="#0067a5"/>' },
    { label: 'one-drawing', caption: 'Nothing for phones.', alt: 'A bar.', runs: [] },
    [],
  );
  notebooks['03-frozen-backbone.ipynb'].push(code('showFigure(wide);', shown('text/html', figureHtml(wide))));
  root = await makeProject(notebooks);
  await changeConfig(root, { collapseAfter: 'loss-parts' });
  const { path } = await buildReport(root);
  url = pathToFileURL(join(dirname(path), 'frozen-backbone/index.html')).href;
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  if (root) await rm(root, { recursive: true });
});

interface Visit {
  page: Page;
  /** Errors and warnings of the console, failed requests, and requests for anything but the page's folder. */
  complaints: string[];
}

async function visit(address: string, options: Parameters<Browser['newPage']>[0]): Promise<Visit> {
  const page = await browser.newPage(options);
  const complaints: string[] = [];
  const folder = address.replace(/site\/.*$/, 'site/');
  page.on('console', (message) => complaints.push(`console ${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(folder) && !request.url().startsWith('data:image/')) {
      complaints.push(`outside: ${request.url().slice(0, 80)}`);
    }
  });
  await page.goto(address);
  await page.evaluate('document.fonts.ready');
  return { page, complaints };
}

for (const width of [360, 768, 1440]) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`at ${width} pixels, ${colorScheme}: no complaint, no request outside, no sideways scroll`, {
      skip,
    }, async () => {
      const { page, complaints } = await visit(url, { viewport: { width, height: 800 }, colorScheme });
      await page.evaluate('for (const fold of document.querySelectorAll("details")) fold.open = true');
      const wide = await page.evaluate('document.documentElement.scrollWidth');
      assert.equal(wide, width);
      assert.deepEqual(complaints, []);
      const paper = await page.evaluate('getComputedStyle(document.body).backgroundColor');
      assert.equal(paper, colorScheme === 'dark' ? 'rgb(20, 24, 29)' : 'rgb(253, 253, 252)');
      const line = 'getComputedStyle(document.querySelector("#loss-parts path[stroke]")).stroke';
      assert.equal(
        await page.evaluate(line),
        colorScheme === 'dark' ? 'rgb(88, 174, 232)' : 'rgb(0, 103, 165)',
      );
      await page.evaluate(axe);
      const { violations } = (await page.evaluate('axe.run()')) as { violations: Violation[] };
      const found = violations.flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id} ${target}: ${failureSummary}`),
      );
      assert.deepEqual(found, []);
      await page.close();
    });
  }
}

/** What axe finds against WCAG and good practice. */
interface Violation {
  id: string;
  nodes: { target: string[]; failureSummary: string }[];
}

test('the page as one file asks for nothing beside it, and sets text and equations in its own fonts', {
  skip,
}, async () => {
  const folder = await makeProject(await sampleNotebooks());
  const { path } = await buildReport(folder, true);
  const alone = pathToFileURL(path).href;
  const { page, complaints } = await visit(alone, {});
  assert.deepEqual(complaints, []);
  const loaded = (await page.evaluate(
    '[...document.fonts].filter((font) => font.status === "loaded").map((font) => font.family.replaceAll(\'"\', ""))',
  )) as string[];
  for (const family of ['Source Serif 4', 'KaTeX_Main']) assert.ok(loaded.includes(family), family);
  await page.close();
  await rm(folder, { recursive: true });
});

test('a link to a run unfolds what is told of it', { skip }, async () => {
  const { page } = await visit(url.replace('frozen-backbone', 'focal-collapse'), {});
  await page.locator('a.quoted').first().click();
  await page.getByText('npx yolov1 train 05-first.ts').waitFor({ state: 'visible' });
  await page.close();
});

test('the fonts of text and equations are the ones beside the page', { skip }, async () => {
  const { page } = await visit(url, {});
  const loaded = await page.evaluate(
    '[...document.fonts].filter((font) => font.status === "loaded").map((font) => font.family.replaceAll(\'"\', ""))',
  );
  for (const family of ['Source Serif 4', 'KaTeX_Main', 'KaTeX_Math']) {
    assert.ok((loaded as string[]).includes(family), family);
  }
  await page.close();
});

test('the switch changes the theme, charts too, and a reload keeps it', { skip }, async () => {
  const { page } = await visit(url, { colorScheme: 'light' });
  const colours = () =>
    page.evaluate(
      '[document.body, document.querySelector("#loss-parts path[stroke]")].map((e) => getComputedStyle(e).color + getComputedStyle(e).stroke)',
    );
  const light = await colours();
  await page.getByRole('button', { name: 'Switch to the dark theme' }).click();
  const dark = await colours();
  assert.notDeepEqual(dark, light);
  // The browser keeps the choice a little after the click.
  await page.reload();
  for (let tries = 0; tries < 20 && !isDeepStrictEqual(await colours(), dark); tries++) {
    await page.getByRole('button', { name: 'Switch to the dark theme' }).click();
    await page.waitForTimeout(100);
    await page.reload();
  }
  assert.deepEqual(await colours(), dark);
  await page.getByRole('button', { name: 'Switch to the light theme' }).click();
  assert.deepEqual(await colours(), light);
  await page.close();
});

test('the contents show which part is being read', { skip }, async () => {
  const { page } = await visit(url, { viewport: { width: 1440, height: 800 } });
  await page.evaluate('document.getElementById("loss-and-targets").scrollIntoView({ behavior: "instant" })');
  await page.waitForSelector('.contents a[href="#loss-and-targets"][aria-current]');
  assert.equal(await page.locator('.contents a[aria-current="true"]').count(), 1);
  await page.close();
});

test('without script all text, figures and folds are there', { skip }, async () => {
  const { page, complaints } = await visit(url, { javaScriptEnabled: false });
  assert.ok(await page.getByText('The backbone keeps its weights').isVisible());
  assert.ok(await page.locator('#loss-parts .wide svg').isVisible());
  assert.ok(!(await page.locator('button.theme').isVisible()));
  await page.locator('summary', { hasText: 'Values of figure 3.1' }).click();
  assert.ok(await page.locator('th', { hasText: 'coordinates' }).isVisible());
  assert.deepEqual(complaints, []);
  await page.close();
});

test('what is wider than a phone can be scrolled with the keyboard', { skip }, async () => {
  const { page } = await visit(url, { viewport: { width: 360, height: 800 } });
  const drawing = page.locator('#one-drawing .drawing');
  assert.equal(await drawing.getAttribute('tabindex'), '0');
  await drawing.focus();
  await page.keyboard.press('ArrowRight');
  // Not waitForFunction: to wait, it evaluates in the page, which the page's policy forbids.
  const moved = () => page.evaluate('document.querySelector("#one-drawing .drawing").scrollLeft > 0');
  for (let tries = 0; tries < 100 && !(await moved()); tries++) await page.waitForTimeout(50);
  assert.ok(await moved());
  await page.close();
});

test('what has nothing to be scrolled is no stop for the keyboard once it is near', { skip }, async () => {
  const { page } = await visit(url, { viewport: { width: 1440, height: 800 } });
  await page.locator('#loss-parts').scrollIntoViewIfNeeded();
  await page.locator('#loss-parts .drawing.wide:not([tabindex])').waitFor();
  await page.close();
  // Without the script nothing is measured: everything that may scroll can be reached.
  const still = await browser.newPage({ javaScriptEnabled: false });
  await still.goto(url);
  assert.equal(await still.locator('.scroll:not([tabindex="0"])').count(), 0);
  await still.close();
});

test('the keyboard alone reaches everything that can be used or scrolled, and shows where it is', {
  skip,
}, async () => {
  const { page } = await visit(url, { viewport: { width: 360, height: 800 }, reducedMotion: 'reduce' });
  const targets = 'a[href], button, summary, input';
  const stops = (await page.evaluate(
    `[...document.querySelectorAll('${targets}, [tabindex="0"]')].filter((element) => element.checkVisibility()).length`,
  )) as number;
  assert.ok(stops > 20);
  const unseen: string[] = [];
  for (let stop = 0; stop < stops; stop++) {
    await page.keyboard.press('Tab');
    const shown = await page.evaluate(`(() => {
      const element = document.activeElement;
      element.dataset.reached = '';
      const { top, bottom } = element.getBoundingClientRect();
      const isMarked = getComputedStyle(element).outlineStyle !== 'none';
      return element === document.body || (isMarked && bottom > 0 && top < innerHeight) ? '' : element.outerHTML;
    })()`);
    if (shown) unseen.push(String(shown).slice(0, 80));
  }
  assert.deepEqual(unseen, []);
  const missed = await page.evaluate(`[...document.querySelectorAll('${targets}, .scroll')]
    .filter((element) => element.checkVisibility() && !('reached' in element.dataset))
    .filter((element) => element.matches('${targets}') || element.scrollWidth > element.clientWidth)
    .map((element) => element.outerHTML.slice(0, 80))`);
  assert.deepEqual(missed, []);
  await page.close();
});

test('on paper everything is unfolded, light, and the contents are left out', { skip }, async () => {
  const { page } = await visit(url, { colorScheme: 'dark' });
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.evaluate('getComputedStyle(document.body).backgroundColor'), 'rgb(255, 255, 255)');
  assert.ok(await page.getByText('await loadDataset').isVisible());
  assert.equal(await page.locator('nav:visible').count(), 0);
  await page.close();
});

test('nothing that is hidden in a notebook runs, even where it were left in the page', { skip }, async () => {
  const attack = [
    '<img src=x onerror="document.title=\'run\'"><svg onload="document.title=\'run\'"><title>x</title></svg>',
    '<svg><title><style><img src="</style><img src=x onerror=document.title=\'run\'>"></title></svg>',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=document.title=\'run\'&gt;"></table>',
    '<details open ontoggle="document.title=\'run\'">x</details><a href="javascript:document.title=\'run\'" id="go">go</a>',
  ];
  const folder = await makeProject({
    '06-attack.ipynb': [
      markdown('# <img src=x onerror="document.title=\'run\'">'),
      code(
        'attack();',
        ...attack.flatMap((html) => [
          shown('text/html', html),
          { ...shown('image/svg+xml', html), metadata: { 'image/svg+xml': { alt: 'x' } } } as Output,
        ]),
      ),
    ],
  });
  const { path } = await buildReport(folder, true);
  const { page, complaints } = await visit(pathToFileURL(path).href, {});
  assert.equal(complaints.join('\n'), '');
  assert.equal(await page.title(), 'YOLOv1 from Scratch');
  // The policy is the second wall: a handler or script put into the page by hand does not run.
  await page.evaluate(`document.body.insertAdjacentHTML('beforeend', '<img src="data:," onerror="document.title=1">');
    document.body.append(Object.assign(document.createElement('script'), { textContent: 'document.title = 1' }));`);
  await page.waitForTimeout(100);
  assert.equal(await page.title(), 'YOLOv1 from Scratch');
  assert.ok(complaints.some((complaint) => complaint.includes('Content Security Policy')));
  await page.close();
  await rm(folder, { recursive: true });
});

test('the collapse is drawn without script, moves with its sliders and the pointer, and says what it shows', {
  skip,
}, async () => {
  const still = await browser.newPage({ javaScriptEnabled: false });
  await still.goto(url);
  assert.equal(await still.locator('.explorer .wide path.focal').count(), 2);
  assert.equal(await still.locator('.explorer .controls').isVisible(), false);
  await still.close();

  const { page, complaints } = await visit(url, { viewport: { width: 1000, height: 900 } });
  const words = page.locator('.explorer .words');
  const path = () => page.locator('.explorer .wide path.focal').last().getAttribute('d');
  // 2 C and 4 C^3 at C = .1; equal at the root of 1/2.
  assert.match(
    String(await words.textContent()),
    /C = 0\.10 and gamma = 2\.0 .* pulled by 0\.2 .* by 0\.004 .*: 0\.02 times as hard; .* C = 0\.71/,
  );
  const before = await path();
  await page.locator('.explorer [name=gamma]').focus();
  await page.keyboard.press('End');
  assert.match(String(await words.textContent()), /gamma = 5\.0/);
  assert.notEqual(await path(), before);
  await page.locator('.explorer [name=gamma]').fill('0');
  // Without the factor both are the same, and there is no crossing.
  assert.match(String(await words.textContent()), /gamma = 0\.0 .*: 1 times as hard\.$/);
  await page.locator('.explorer [name=logit]').check();
  assert.match(String(await page.locator('.explorer .wide svg').textContent()), /Gradient by the logit/);
  await page.locator('.explorer .wide svg').scrollIntoViewIfNeeded();
  const box = (await page.locator('.explorer .wide svg').boundingBox())!;
  await page.mouse.click(box.x + (46 + 130) * (box.width / 640), box.y + 100);
  assert.match(String(await words.textContent()), /C = 0\.50/);
  assert.deepEqual(complaints, []);
  await page.close();
});
