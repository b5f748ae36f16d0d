import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { source as axe } from 'axe-core';
import { launchBrowser, withoutBrowser as skip } from '../fixtures/browser';
import { htmlComplaints } from '../fixtures/htmlComplaints';
import { buildReport } from './buildReport';

const PROJECT = join(__dirname, '../../../..');
/** What a reader loads at most, bytes, photographs apart. */
const LARGEST_PAGE = 3e6;

let root: string;
let path: string;
let html: string;

// The page of the very notebooks of this project, built in a folder of its own.
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'yolov1-page-'));
  const isOwn = (from: string) =>
    !/(?:^|\/)(?:node_modules|dist|site|\.git)$/.test(from.split(sep).join('/'));
  for (const part of [
    'notebooks',
    'report',
    'src',
    'docs',
    'data/README.md',
    'README.md',
    'CONTRIBUTING.md',
  ]) {
    await cp(join(PROJECT, part), join(root, part), { recursive: true, filter: isOwn });
  }
  ({ path } = await buildReport(root));
  html = await readFile(path, 'utf8');
});

after(() => rm(root, { recursive: true }));

test('the page of this project is valid HTML, and each link inside it leads to one place', async () => {
  assert.deepEqual((await htmlComplaints(html)).slice(0, 20), []);
  const names = [...html.matchAll(/ id="([^"]*)"/g)].map((match) => match[1]);
  assert.deepEqual(names.length, new Set(names).size);
  const known = new Set(names);
  const broken = [...html.matchAll(/ href="#([^"]*)"/g)].filter(([, target]) => !known.has(target));
  assert.deepEqual(broken, []);
});

test('it is small enough, and each figure tells where it comes from', async () => {
  const fonts = [...new Set([...html.matchAll(/url\((fonts\/[^)]*)\)/g)].map((match) => match[1]))];
  const sizes = await Promise.all(fonts.map(async (font) => (await readFile(join(path, '..', font))).length));
  const size = sizes.reduce((sum, one) => sum + one, Buffer.byteLength(html));
  assert.ok(size < LARGEST_PAGE, `${size} bytes with its fonts`);
  const figures = html.split('<a class="number"').filter((part) => /^[^>]*>Figure \d+</.test(part)).length;
  assert.ok(figures > 20);
  assert.ok((html.match(/<details class="fold origin">/g)?.length ?? 0) > 20);
});

for (const [width, colorScheme] of [
  [360, 'dark'],
  [1440, 'light'],
] as const) {
  test(`at ${width} pixels, ${colorScheme}, a browser finds nothing to complain of`, {
    skip,
  }, async (context) => {
    const browser = await launchBrowser();
    context.after(() => browser.close());
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(pathToFileURL(root).href) && !url.startsWith('data:')) complaints.push(url);
    });
    await page.goto(pathToFileURL(path).href);
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width);
    // What is folded is looked at in the page of samples, which is smaller: this takes a minute less.
    await page.evaluate(axe);
    const { violations } = (await page.evaluate('axe.run()')) as { violations: { id: string }[] };
    assert.deepEqual(
      violations.map(({ id }) => id),
      [],
    );
    await page.evaluate('for (const fold of document.querySelectorAll("details")) fold.open = true');
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width);
    assert.deepEqual(complaints, []);
  });
}
