import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { makeFigure } from '../../chart/figure';
import { figureHtml } from '../../chart/figureHtml';
import { buildSingle, code, makeProject, markdown, sampleNotebooks, shown } from '../fixtures/sampleProject';
import { buildReport } from './buildReport';

const folders: string[] = [];
after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

/** A project of the sample notebooks with an article of this text. */
async function project(text: string): Promise<string> {
  const wide = makeFigure(
    { width: 600, height: 100, body: '<rect width="600" height="100"/>' },
    { label: 'one-drawing', caption: 'Nothing for phones.', alt: 'A bar.', runs: [] },
    [],
  );
  const root = await makeProject({
    ...(await sampleNotebooks()),
    '04-wide.ipynb': [markdown('# Wide'), code('showFigure(wide);', shown('text/html', figureHtml(wide)))],
  });
  folders.push(root);
  await writeFile(join(root, 'report/article.md'), `# The article\n\n${text}\n`);
  return root;
}

async function build(text: string): Promise<string> {
  return readFile((await buildReport(await project(text))).path, 'utf8');
}

test('a figure of a notebook stands in the article, as it is drawn for a page and for a phone', async () => {
  const html = await build(
    '[Figure (class-ap)](#class-ap): By *class*.\n\nSee [Figure (class-ap)](#class-ap).',
  );
  const [figure] = /<figure id="article-class-ap">[\s\S]*?<\/figure>/.exec(html)!;
  assert.deepEqual(figure.match(/<div class="drawing[^"]*"/g), [
    '<div class="drawing scroll wide"',
    '<div class="drawing narrow"',
  ]);
  assert.match(figure, /Figure 1<\/a> By <em>class<\/em>\. <a href="frozen-backbone\/index\.html#class-ap">/);
  assert.match(html, /See <a href="#article-class-ap">Figure\u00a01<\/a>/);
});

test('two figures stand side by side under one number, to which the labels of both lead', async () => {
  const html = await build(
    '[Figure (loss-parts)](#loss-parts) and [Figure (class-ap)](#class-ap): Two.\n\n[Figure (class-ap)](#class-ap)',
  );
  const [figure] = /<figure id="article-loss-parts">[\s\S]*?<\/figure>/.exec(html)!;
  assert.equal(figure.match(/<div class="drawing narrow"/g)?.length, 2);
  assert.match(figure, /<a href="[^"]*#loss-parts">From chapter 3<\/a>, with values and runs/);
  assert.match(html, /<p><a href="#article-loss-parts">Figure\u00a01<\/a><\/p>/);
});

test('a figure that is nowhere, that can not stand beside another one, or without words is named', async () => {
  const beside = (label: string) =>
    build(`[Figure (class-ap)](#class-ap) and [Figure (${label})](#${label}): Two.`);
  await assert.rejects(
    build('[Figure (none)](#none): It.'),
    /article\.md: figure 'none' is in no notebook; there are/,
  );
  await assert.rejects(beside('none'), /figure 'none' is in no notebook/);
  await assert.rejects(beside('all-runs'), /figure 'all-runs' is in no notebook/);
  await assert.rejects(beside('one-drawing'), /figure 'one-drawing' has no drawing for phones/);
  await assert.rejects(build('[Figure (class-ap)](#class-ap):'), /figure 'class-ap' lacks its caption/);
});

test('the folder of a page leads to it, from any page and in a single file', async () => {
  const text = 'See [all runs](runs/).';
  assert.match(await build(text), /See <a href="runs\/index\.html">all runs<\/a>/);
  assert.match((await buildSingle(await project(text))).html, /See <a href="#runs">all runs<\/a>/);
  const root = await makeProject({ '03-one.ipynb': [markdown(`# One\n\n${text}`)] });
  folders.push(root);
  const { path } = await buildReport(root);
  const chapter = await readFile(join(dirname(path), 'one/index.html'), 'utf8');
  assert.match(chapter, /See <a href="\.\.\/runs\/index\.html">all runs<\/a>/);
});

test('where no detector can be tried, the words of the link stand alone; a page that can not be stops the build', async () => {
  assert.match(await build('[Try it](try/).'), /<p><a>Try it<\/a>\.<\/p>/);
  await assert.rejects(
    build('[Charts](charts/)'),
    /article\.md: link to 'charts\/', which is no page of the site; there are .*frozen-backbone\/.*runs\//,
  );
});
