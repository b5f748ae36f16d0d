import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { htmlComplaints } from '../fixtures/htmlComplaints';
import { makeProject, sampleNotebooks } from '../fixtures/sampleProject';
import { buildReport } from './buildReport';

const QUOTE = '../report/runs/05-first/evaluation.json#final.pooled.map';
const TEXT =
  `# What follows\n\nIt reaches [31.4 %](${QUOTE})[^n], see [Figure (loss-parts)](#loss-parts), [the text](../notebooks/02-focal-collapse.ipynb) ` +
  'and [Lin et al. 2017](../report/bibliography.json#focal).\n\n[^n]: A note.\n\n## What is open\n\n<b>All</b>.\n';

let root: string;

const write = (text: string) => writeFile(join(root, 'report/conclusion.md'), text);
const build = async () => readFile((await buildReport(root)).path, 'utf8');

before(async () => {
  root = await makeProject(await sampleNotebooks());
});
after(() => rm(root, { recursive: true }));

test('without a conclusion the page has none', async () => {
  assert.doesNotMatch(await build(), /class="notebook conclusion"/);
});

test('the conclusion stands behind the last notebook, is in the contents, and is set like a notebook', async () => {
  await write(TEXT);
  const html = await build();
  const titles = [...html.matchAll(/<h2 id="([^"]*)">/g)].map((match) => match[1]);
  assert.deepEqual(titles, ['focal-collapse', 'frozen-backbone', 'conclusion', 'provenance', 'references']);
  const contents = /<nav[\s\S]*<\/nav>/.exec(html)?.[0] ?? '';
  assert.match(contents, /<a href="#conclusion">What follows<\/a>\s*<ol>\s*<li><a href="#what-is-open">/);
  const section = /<section class="notebook conclusion">[\s\S]*?<\/section>/.exec(html)?.[0] ?? '';
  assert.match(
    section,
    /<a href="#run-05-first" title="05-first\/evaluation\.json: final\.pooled\.map" class="quoted">31\.4 %<\/a>/,
  );
  assert.match(section, /<a href="#loss-parts">Figure\u00a02<\/a>/);
  assert.match(section, /<a href="#focal-collapse">the text<\/a>/);
  assert.match(section, /<a href="#ref-focal">/);
  assert.match(section, /<li id="note-2"/);
  assert.match(section, /&lt;b&gt;All/);
  assert.deepEqual((await htmlComplaints(html)).slice(0, 5), []);
});

test('a number that is another one, a broken link and a lacking title end the build with the file', async () => {
  await write(TEXT.replace('31.4', '31.5'));
  await assert.rejects(
    build(),
    /^NotebookError: report\/conclusion\.md: the text says '31\.5 %'.*write '31\.4 %'$/,
  );
  await write(TEXT.replace('(loss-parts)](#loss-parts', '(nowhere)](#nowhere'));
  await assert.rejects(build(), /^NotebookError: report\/conclusion\.md: link to '#nowhere'/);
  await write('No title.');
  await assert.rejects(build(), {
    message: "report/conclusion.md: begins without a title, expected '# Title'",
  });
});
