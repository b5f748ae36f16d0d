import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { source as axe } from 'axe-core';
import type { Browser } from 'playwright-core';
import { launchBrowser, withoutBrowser as skip } from '../fixtures/browser';
import { htmlComplaints } from '../fixtures/htmlComplaints';
import { buildProjectSite } from '../fixtures/projectSite';

/** What a reader loads of a page at most, with its fonts, bytes. */
const LARGEST_PAGE = 1.5e6;
/** How tall the article is at most at 1,280, CSS pixels. */
const TALLEST_ARTICLE = 14_000;

let root: string;
let site: string;
let pages: ReadonlyMap<string, string>;
let browser: Browser;

before(async () => {
  ({ root, site, pages } = await buildProjectSite());
  if (!skip) browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  await rm(root, { recursive: true });
});

test('each page is valid HTML, and each link inside the site leads to one place', async () => {
  const names = new Map(
    [...pages].map(([file, html]) => [file, [...html.matchAll(/ id="([^"]*)"/g)].map((m) => m[1])]),
  );
  for (const [file, html] of pages) {
    assert.deepEqual((await htmlComplaints(html)).slice(0, 20), [], file);
    assert.equal(names.get(file)!.length, new Set(names.get(file)).size, file);
    const folder = dirname(file);
    const broken = [...html.matchAll(/ href="((?:\.\.\/)?(?:[a-z-]+\/)?index\.html)?#([^"]*)"/g)].filter(
      ([, to, name]) => !names.get(to === undefined ? file : join(folder, to))?.includes(name),
    );
    assert.deepEqual(
      broken.map(([link]) => link),
      [],
      file,
    );
  }
});

test('no page is too heavy, and each figure of a chapter tells where it comes from', async () => {
  for (const [file, html] of pages) {
    const fonts = [
      ...new Set([...html.matchAll(/url\(((?:\.\.\/)?fonts\/[^)]*)\)/g)].map((match) => match[1])),
    ];
    const sizes = await Promise.all(
      fonts.map(async (font) => (await readFile(join(site, dirname(file), font))).length),
    );
    const size = sizes.reduce((sum, one) => sum + one, Buffer.byteLength(html));
    assert.ok(size < LARGEST_PAGE, `${file}: ${size} bytes with its fonts`);
  }
  const all = [...pages.values()].join('');
  assert.ok((all.match(/<details class="fold origin">/g)?.length ?? 0) > 20);
});

for (const [width, colorScheme, isAll] of [
  [360, 'dark', true],
  [1280, 'light', true],
  [360, 'light', false],
  [1280, 'dark', false],
] as const) {
  test(`at ${width} pixels, ${colorScheme}, a browser finds nothing to complain of on ${isAll ? 'any page' : 'the article'}`, {
    skip,
  }, async () => {
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
    const complaints: string[] = [];
    page.on('console', (message) => {
      // The browser's own word on WebGPU, which the page asks for, on a machine without a GPU.
      if (message.text() !== 'No available adapters.') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(pathToFileURL(root).href) && !url.startsWith('data:')) complaints.push(url);
    });
    for (const file of isAll ? pages.keys() : ['index.html']) {
      await page.goto(pathToFileURL(join(site, file)).href);
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width, file);
      // What is folded is looked at in the page of samples, which is smaller: this takes a minute less.
      await page.evaluate(axe);
      const { violations } = (await page.evaluate('axe.run()')) as {
        violations: { id: string; nodes: { target: string[] }[] }[];
      };
      assert.deepEqual(
        violations.map(({ id, nodes }) => `${file} ${id}: ${nodes[0].target}`),
        [],
      );
      await page.evaluate('for (const fold of document.querySelectorAll("details")) fold.open = true');
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width, file);
    }
    assert.deepEqual(complaints, []);
    await page.close();
  });
}

test('the article is short: on a screen, in words and on paper', { skip }, async () => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(pathToFileURL(join(site, 'index.html')).href);
  const height = Number(await page.evaluate('document.documentElement.scrollHeight'));
  assert.ok(height <= TALLEST_ARTICLE, `${height} pixels`);
  const pdf = await page.pdf({ preferCSSPageSize: true });
  const printed = pdf.toString('latin1').match(/\/Type \/Page\b/g)?.length ?? 0;
  assert.ok(printed > 3 && printed <= 15, `${printed} pages`);
  await page.close();
});

test('the contents of the article show which part is being read', { skip }, async () => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(pathToFileURL(join(site, 'index.html')).href);
  const id = await page.locator('.article h2').nth(2).getAttribute('id');
  await page.evaluate(`document.getElementById("${id}").scrollIntoView({ behavior: "instant" })`);
  await page.waitForSelector(`.contents a[href="#${id}"][aria-current="true"]`);
  assert.equal(await page.locator('.contents a[aria-current="page"]').count(), 1);
  await page.close();
});

test('the search finds words of any page, from disk', { skip }, async () => {
  const page = await browser.newPage();
  await page.goto(pathToFileURL(join(site, 'memory/index.html')).href);
  const field = page.getByRole('search').getByRole('searchbox');
  await field.fill('responsible');
  await field.press('Enter');
  await page.waitForURL(/search\/index\.html\?q=responsible$/);
  const shown = page.locator('.entries li:visible');
  assert.ok((await shown.count()) > 1);
  await page.locator('.search input').fill('zzz-nothing');
  assert.equal(await shown.count(), 0);
  await page.close();
});

test('the table of runs is sorted and filtered', { skip }, async () => {
  const page = await browser.newPage();
  await page.goto(pathToFileURL(join(site, 'runs/index.html')).href);
  const maps = async () =>
    (await page.locator('.sortable tbody tr:visible td:nth-child(2)').allTextContents()).map(Number);
  await page.getByRole('button', { name: 'mAP@.5' }).click();
  const sorted = await maps();
  assert.ok(sorted.length > 50);
  assert.deepEqual(
    sorted,
    [...sorted].sort((a, b) => b - a),
  );
  await page.locator('.runs .filter input').fill('04-right');
  const few = await maps();
  assert.ok(few.length >= 1 && few.length < sorted.length);
  await page.close();
});
