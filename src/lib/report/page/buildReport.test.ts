import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { htmlComplaints } from '../fixtures/htmlComplaints';
import {
  buildSingle,
  changeConfig,
  code,
  makeProject,
  markdown,
  sampleNotebooks,
  shown,
} from '../fixtures/sampleProject';
import { buildReport } from './buildReport';

let root: string;
let html: string;
const folders: string[] = [];

async function project(...args: Parameters<typeof makeProject>): Promise<string> {
  const folder = await makeProject(...args);
  folders.push(folder);
  return folder;
}

before(async () => {
  root = await project(await sampleNotebooks());
  await buildReport(root);
  ({ html } = await buildSingle(root));
});

after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

test('all pages in one file are valid HTML', async () => {
  assert.deepEqual((await htmlComplaints(html)).slice(0, 20), []);
});

test('what the notebooks hold is on the page, in the order of their names', () => {
  const titles = [...html.matchAll(/<h2 id="([^"]*)">/g)].map((match) => match[1]);
  assert.deepEqual(titles, ['focal-collapse', 'frozen-backbone', 'runs', 'each-run', 'references']);
  for (const piece of [
    '<a class="number" href="#loss-parts">Figure 3.1</a>',
    '<span class="where">03-frozen-backbone.ipynb, cell 2</span>',
    '<span class="what">Train the head, and show how the loss falls</span>',
    '<th scope="col">coordinates</th>',
    '<p class="kicker">Chapter 3 <span><a href="../../notebooks/03-frozen-backbone.ipynb">',
    '<strong>Markdown</strong> of a cell',
    'warning: features are read from the cache',
    'Printed text, 40 lines',
    '<td>cat</td>',
  ]) {
    assert.ok(html.includes(piece), piece);
  }
});

test('the contents of the one file list its pages', () => {
  const contents = /<nav[\s\S]*?<\/nav>/.exec(html)?.[0] ?? '';
  const links = [...contents.matchAll(/<a href="(#[^"]*)">([^<]*)<\/a>/g)].map((match) => match.slice(1));
  assert.deepEqual(links, [
    ['#focal-collapse', 'The focal collapse'],
    ['#frozen-backbone', 'Transfer learning with a frozen backbone'],
    ['#runs', 'Runs'],
    ['#references', 'References'],
  ]);
});

test('links between notebooks and to figures lead to their places on the page', () => {
  assert.match(html, /<a href="#frozen-backbone">the frozen backbone<\/a>/);
  assert.match(html, /<a href="#loss-and-targets">its loss<\/a>/);
  assert.match(html, /<a href="#loss-parts">the figure<\/a>/);
});

test('every link inside the page leads to one place, and no name is given twice', () => {
  const names = [...html.matchAll(/ id="([^"]*)"/g)].map((match) => match[1]);
  assert.deepEqual(names, [...new Set(names)]);
  const targets = [...html.matchAll(/ href="#([^"]*)"/g)].map((match) => match[1]);
  assert.ok(targets.length > 10);
  for (const target of targets) assert.ok(names.includes(target), target);
});

test('equations are set as HTML and MathML, prices stay prices', () => {
  assert.ok((html.match(/<math /g)?.length ?? 0) >= 6);
  assert.doesNotMatch(html, /katex-error/);
  assert.ok(html.includes('A price of $5 or $ 7 is no equation.'));
});

test('code is coloured by class names', () => {
  assert.match(html, /<span class="code-keyword">const<\/span>/);
  assert.match(html, /<span class="code-comment">\/\/ Confidence over the grid<\/span>/);
});

test('text that was written over and terminal colours are as a reader would have seen them last', () => {
  assert.match(html, /epoch 6 {2}loss 5\.10\nsaved/);
  assert.ok(!html.includes('\u001b'));
});

test('charts ask for the colours of the theme, with the light ones where there is none', () => {
  assert.match(html, /stroke="var\(--chart-series1, #0067a5\)"/);
  assert.match(html, /--chart-series1: light-dark\(#0067a5, #58aee8\);/);
  assert.match(html, /fill="var\(--chart-paper, #ffffff\)"/);
});

test('the values of a figure are in a table and in a CSV to download', () => {
  const data = /download="loss-parts\.csv" href="data:text\/csv;charset=utf-8,([^"]*)"/.exec(html)?.[1] ?? '';
  assert.deepEqual(decodeURIComponent(data).split('\r\n').slice(0, 2), [
    'epoch,coordinates,object,no object,classes',
    '1,5,3,9,3',
  ]);
});

test('a page asks for nothing but its own fonts, and its policy allows nothing else', async () => {
  const site = join(root, 'report/site');
  const page = await readFile(join(site, 'focal-collapse/index.html'), 'utf8');
  const loaded = [...page.matchAll(/ (?:src|srcset|poster|data)="([^"]*)"/g)].map((match) => match[1]);
  assert.deepEqual(
    loaded.filter((source) => !source.startsWith('data:image/')),
    [],
  );
  assert.doesNotMatch(page, /<link\b(?! rel="icon" href="data:)|<iframe|<object|@import/);
  const urls = [...page.matchAll(/url\((?!#)([^)]*)\)/g)].map((match) => match[1]);
  const fonts = await readdir(join(site, 'fonts'));
  assert.ok(urls.length >= 5);
  for (const url of urls) assert.ok(fonts.includes(url.replace('../fonts/', '')), url);
  const policy =
    /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1].replaceAll('&#39;', "'") ?? '';
  assert.match(
    policy,
    /^default-src 'none'; script-src 'sha256-[^']{44}'; connect-src 'self'; style-src 'sha256-[^']{44}';/,
  );
  assert.match(policy, /form-action 'none'$/);
  assert.doesNotMatch(policy, /script-src[^;]*unsafe|https?:/);
});

test('the page as one file has its fonts inside and asks for nothing', async () => {
  const folder = await project(await sampleNotebooks());
  const { path } = await buildReport(folder, true);
  assert.deepEqual(await readdir(join(folder, 'report/site')), ['single.html']);
  const single = await readFile(path, 'utf8');
  const urls = [...single.matchAll(/url\((?!#)([^)]{0,40})/g)].map((match) => match[1]);
  assert.ok(urls.length >= 10);
  for (const url of urls) assert.match(url, /^data:font\/woff2;base64,/);
  assert.match(single, /font-src data:;/);
  assert.doesNotMatch(single, /fonts\//);
});

test('a second build gives the same bytes and writes nothing', async () => {
  const site = join(root, 'report/site');
  const past = new Date(2001, 1, 3);
  const names = (await readdir(site, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  for (const name of names) await utimes(name, past, past);
  await buildReport(root);
  for (const name of names) assert.equal((await stat(name)).mtime.getTime(), past.getTime(), name);
});

test('the same notebooks in another folder give the same bytes', async () => {
  const other = await project(await sampleNotebooks());
  assert.equal((await buildSingle(other)).html, html);
});

test('fonts of an older page are removed, and what others put beside the page stays', async () => {
  const site = join(root, 'report/site');
  await writeFile(join(site, 'fonts/old.woff2'), '');
  await writeFile(join(site, 'CNAME'), 'example.org');
  await buildReport(root);
  assert.ok(!(await readdir(join(site, 'fonts'))).includes('old.woff2'));
  assert.ok((await readdir(site)).includes('CNAME'));
});

test('a build that fails leaves the page that was there', async () => {
  const folder = await project({ '01-a.ipynb': [markdown('# A')] });
  await buildReport(folder);
  const path = join(folder, 'report/site/a/index.html');
  const good = await readFile(path, 'utf8');
  await writeFile(join(folder, 'notebooks/02-b.ipynb'), '{');
  await assert.rejects(buildReport(folder), /02-b\.ipynb: is not valid JSON/);
  assert.equal(await readFile(path, 'utf8'), good);
});

test('a notebook without a title gets one of its name, with a warning', async () => {
  const folder = await project({ '04-fine-tuning.ipynb': [code('1 + 1;', shown('text/plain', '2'))] });
  const { html: page, warnings } = await buildSingle(folder);
  assert.match(page, /<h2 id="fine-tuning">Fine tuning /);
  assert.deepEqual(warnings, [
    "04-fine-tuning.ipynb, Markdown cell 1: no title; begin the notebook with a Markdown cell '# Title'",
  ]);
});

test('a configuration that can not be used is named with its field', async () => {
  const folder = await project({ '01-a.ipynb': [markdown('# A')] });
  const path = join(folder, 'report/config.json');
  const config = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify({ ...config, lead: '' }));
  await assert.rejects(buildReport(folder), /config\.json: lead is '', expected text/);
  await writeFile(path, JSON.stringify({ ...config, back: { text: 'x', href: 'javascript:alert(1)' } }));
  await assert.rejects(
    buildReport(folder),
    /config\.json: back\.href is 'javascript:alert\(1\)', expected http, https or a relative address/,
  );
});

test('an altered detector ends the build with its file; a folder without one leaves the page out', async () => {
  const folder = await project(await sampleNotebooks());
  await changeConfig(folder, { detector: 'models/mine' });
  await buildReport(folder);
  const shipped = join(__dirname, '../../../yolo/models/yolov1-resnet18/detector.json');
  const about = JSON.parse(await readFile(shipped, 'utf8'));
  await mkdir(join(folder, 'models/mine'), { recursive: true });
  await writeFile(
    join(folder, 'models/mine/detector.json'),
    JSON.stringify({ ...about, scoreCut: about.scoreCut / 2 }),
  );
  await assert.rejects(
    buildReport(folder),
    /^NotebookError: .*models\/mine\/detector\.json: damaged \(it is not as it was written\)/,
  );
});
