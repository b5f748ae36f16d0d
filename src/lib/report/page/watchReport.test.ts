import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launchBrowser, withoutBrowser as skip } from '../fixtures/browser';
import { makeProject, markdown } from '../fixtures/sampleProject';
import { type Watch, watchReport } from './watchReport';

let root: string;
let watch: Watch;
const lines: string[] = [];

before(async () => {
  root = await makeProject({ '01-a.ipynb': [markdown('# A\n\nfirst words')] });
  watch = await watchReport(root, (line) => lines.push(line));
});

after(async () => {
  await watch?.close();
  await rm(root, { recursive: true });
});

const notebook = () => join(root, 'notebooks/01-a.ipynb');
const served = async (path = 'a/') => (await fetch(watch.address + path)).text();

/** Waits for the next line that is said. */
async function nextLine(): Promise<string> {
  const count = lines.length;
  while (lines.length === count) await new Promise((resolve) => setTimeout(resolve, 20));
  return lines[count];
}

test('a changed notebook is built anew, and the open page is told', async () => {
  assert.match(await served(), /first words/);
  const changes = await fetch(`${watch.address}changes`);
  const told = changes.body!.getReader();
  const line = nextLine();
  await writeFile(notebook(), (await readFile(notebook(), 'utf8')).replace('first words', 'other words'));
  assert.match(await line, /^built in [\d.]+ s$/);
  assert.equal(Buffer.from((await told.read()).value!).toString(), 'data: built\n\n');
  assert.match(await served(), /other words/);
  await told.cancel();
});

test('the served page may reload itself, the one on disk can not', async () => {
  const page = await served();
  assert.match(page, /new EventSource/);
  assert.match(page, /script-src &#39;sha256-[^ ]+&#39; &#39;sha256-[^ ]+&#39;; connect-src &#39;self&#39;;/);
  const onDisk = await readFile(join(root, 'report/site/a/index.html'), 'utf8');
  assert.match(onDisk, /script-src &#39;sha256-[^ ]+&#39;; connect-src/);
  assert.doesNotMatch(onDisk, /EventSource/);
});

test('a mistake is said, the last good page stays, and mending it builds again', async () => {
  const good = await readFile(notebook(), 'utf8');
  let line = nextLine();
  await writeFile(notebook(), good.replace('other words', 'a $\\\\frac{$ b'));
  assert.match(await line, /01-a\.ipynb, Markdown cell 1: KaTeX can't set the equation/);
  assert.match(await served(), /other words/);
  line = nextLine();
  await writeFile(notebook(), good.replace('other words', 'mended words'));
  assert.match(await line, /^built in/);
  assert.match(await served(), /mended words/);
});

test('a changed style is built in as well', async () => {
  const line = nextLine();
  await writeFile(join(root, 'report/style.css'), 'body { color: rebeccapurple; }');
  assert.match(await line, /^built in/);
  assert.match(await served(), /rebeccapurple/);
});

test('an open page reloads in the browser when a notebook changes, and its policy lets it', {
  skip,
}, async (context) => {
  const browser = await launchBrowser();
  context.after(() => browser.close());
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  await page.goto(`${watch.address}a/`);
  const text = await readFile(notebook(), 'utf8');
  await writeFile(notebook(), text.replace('mended words', 'words of today'));
  await page.getByText('words of today').waitFor();
  assert.deepEqual(complaints, []);
  await writeFile(notebook(), text);
});

test('only the page and its fonts are served, and only under the own host', async () => {
  assert.equal(
    (await fetch(`${watch.address}fonts/source-serif-4-latin-400-normal.woff2`)).headers.get('content-type'),
    'font/woff2',
  );
  for (const path of [
    '../config.json',
    '../../notebooks/01-a.ipynb',
    'fonts/..%2findex.html',
    'index.htm',
    'fonts/none.woff2',
  ]) {
    assert.equal((await fetch(watch.address + path)).status, 404, path);
  }
  const status = await new Promise((resolve) => {
    const { hostname, port } = new URL(watch.address);
    request({ hostname, port, headers: { host: 'evil.example' } }, (response) =>
      resolve(response.statusCode),
    ).end();
  });
  assert.equal(status, 403);
});
