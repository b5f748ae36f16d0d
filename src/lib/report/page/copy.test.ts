import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, withoutBrowser as skip } from '../fixtures/browser';
import { code, makeProject, markdown } from '../fixtures/sampleProject';
import { buildReport } from './buildReport';

const SOURCE = "// Adds up\nconst text = `<b>$x</b>`;\n\tconsole.log(text, '&amp;');";

let browser: Browser;
let root: string;
let url: string;

before(async () => {
  if (skip) return;
  root = await makeProject({ '01-copy.ipynb': [markdown('# Copy'), code(SOURCE)] });
  url = pathToFileURL((await buildReport(root, true)).path).href;
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  if (root) await rm(root, { recursive: true });
});

/** The page as opened from disk, its code unfolded. */
async function open(change = ''): Promise<Page> {
  const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] });
  const page = await context.newPage();
  await page.goto(url);
  await page.evaluate('navigator.clipboard.writeText("before")');
  await page.evaluate(change);
  await page.locator('details.code summary').click();
  return page;
}

const clipboard = (page: Page) => page.evaluate('navigator.clipboard.readText()');

test('the button puts the code, as it is in the notebook, on the clipboard and says so', {
  skip,
}, async () => {
  const page = await open();
  assert.equal(new URL(page.url()).protocol, 'file:');
  await page.getByRole('button', { name: 'Copy' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  assert.equal(await clipboard(page), SOURCE);
  await page.context().close();
});

test('the keyboard reaches the button right after what unfolds the code', { skip }, async () => {
  const page = await open();
  await page.locator('details.code summary').focus();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  assert.equal(await clipboard(page), SOURCE);
  await page.context().close();
});

test('a browser that refuses its clipboard to the page copies in the older way', { skip }, async () => {
  const page = await open('navigator.clipboard.writeText = () => Promise.reject(new Error("refused")); 0');
  await page.getByRole('button', { name: 'Copy' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  assert.equal(await clipboard(page), SOURCE);
  await page.context().close();
});

test('where nothing lets it copy, the code is marked and the button says which keys do it', {
  skip,
}, async () => {
  const page = await open(
    'Object.defineProperty(navigator, "clipboard", {}); document.execCommand = () => false; 0',
  );
  await page.getByRole('button', { name: 'Copy' }).click();
  await page.getByRole('button', { name: /^Marked: copy with (Ctrl\+|⌘)C$/ }).waitFor();
  assert.equal(await page.evaluate('String(getSelection())'), SOURCE);
  await page.context().close();
});

test('without script, and on paper, there is no button', { skip }, async () => {
  const page = await browser.newPage({ javaScriptEnabled: false });
  await page.goto(url);
  assert.equal(await page.locator('button.copy').count(), 0);
  await page.close();
  const printed = await open();
  await printed.emulateMedia({ media: 'print' });
  assert.equal(await printed.locator('button.copy').isVisible(), false);
  await printed.context().close();
});
