import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Cell } from '../../notebook/format';
import {
  buildChapter,
  buildSingle,
  code,
  makeProject,
  markdown,
  sampleNotebooks,
  sampleWorks,
  shown,
} from '../fixtures/sampleProject';
import { buildReport } from '../page/buildReport';

const folders: string[] = [];
after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

async function project(cells: Cell[], works: unknown = sampleWorks()): Promise<string> {
  const root = await makeProject({ '05-refs.ipynb': [markdown('# References'), ...cells] });
  folders.push(root);
  await writeFile(join(root, 'report/bibliography.json'), JSON.stringify(works));
  return root;
}

async function build(...texts: string[]) {
  return buildSingle(await project(texts.map(markdown)));
}

const TABLE = '\n\n| a |\n| - |\n| 1 |\n';
const WORKS = '../report/bibliography.json';

test('a tag that is a label numbers the equation, and a link called Equation gets the number, before it or after', async () => {
  const { html } = await build(
    'See [Equation (slope)](#slope) and [the slope](#slope).',
    '$$\nx = 1\n$$\n\n$$\ny = 2 \\tag{area}\n$$\n\n\\begin{align}\nz &= 3 \\tag{slope}\n\\end{align}',
  );
  assert.match(html, /See <a href="#slope">Equation\u00a05.2<\/a> and <a href="#slope">the slope<\/a>/);
  assert.match(html, /<div class="numbered" id="area">/);
  assert.match(html, /<a class="tag" href="#slope" aria-label="Equation 5.2">\(5.2\)<\/a>/);
  // KaTeX's own numbers, which begin with 1 again and can't be referred to, are not there.
  assert.doesNotMatch(html, /class="eqn-num"/);
});

test('a paragraph that begins with a link called Table is the caption of the table after it', async () => {
  const { html } = await build(
    `[table (weights)](#weights) below\n\n[Table (other)](#other): First.${TABLE}`,
    `[Table (weights)](#weights): The **weights** of $\\lambda$.${TABLE}`,
  );
  assert.match(html, /<a href="#weights">table\u00a05.2<\/a> below/);
  assert.match(
    html,
    /<figure class="captioned" id="weights">\n<figcaption><a class="number" href="#weights">Table 5.2<\/a> The <strong>weights<\/strong> of/,
  );
});

test('the corner above the names of rows is no head, and heads say of what they are, in Markdown and in HTML', async () => {
  const frame =
    '<table><thead><tr><th scope="col"></th><th>AP</th></tr></thead><tbody><tr><th>cat</th><td>1</td></tr></tbody></table>';
  const { html } = await buildSingle(
    await project([
      markdown('[Table (corner)](#corner): Rows.\n\n|  | AP |\n| --- | ---: |\n| cat | 1 |'),
      code('frame', shown('text/html', frame)),
    ]),
  );
  assert.equal(html.match(/<tr>\s*<td><\/td>\s*<th scope="col"[^>]*>AP<\/th>/g)?.length, 2);
  assert.match(html, /<th scope="row">cat<\/th>/);
  assert.doesNotMatch(html, /<th[^>]*>\s*<\/th>/);
});

test('a link called Figure gets the number of the figure', async () => {
  const root = await makeProject({
    ...(await sampleNotebooks()),
    '09-end.ipynb': [markdown('# End\n\n[Figure (class-ap)](#class-ap) shows it.')],
  });
  folders.push(root);
  const { html } = await buildSingle(root);
  assert.match(html, /<a href="#class-ap">Figure\u00a03.2<\/a> shows it/);
});

test('a reference to nothing, or to a thing of another kind, stops the build with notebook and cell', async () => {
  for (const text of ['Equation', 'Equation (slop)', 'equation (slope-2)']) {
    await assert.rejects(
      build('$$x \\tag{slope}$$', `[${text}](#slope)`),
      /link 'equation[^']*' to '#slope'; expected '\[equation \(slope\)\]\(#slope\)'/i,
    );
  }
  await assert.rejects(
    build('[Equation (none)](#none)'),
    /05-refs\.ipynb, Markdown cell 2: link to '#none', which is not on the page/,
  );
  await assert.rejects(
    build('$$x \\tag{slope}$$\n\n[Figure (slope)](#slope)'),
    /Markdown cell 2: link to the figure '#slope', which is an equation/,
  );
  await assert.rejects(build('[Table (refs)](#refs)'), /link to the table '#refs', which is a heading/);
});

test('a label that is taken twice, by whatever kind, stops the build', async () => {
  await assert.rejects(
    build('$$x \\tag{same}$$', `[Table (same)](#same): Words.${TABLE}`),
    /Markdown cell 3: label 'same' is taken by 05-refs\.ipynb, Markdown cell 2; choose another one/,
  );
  await assert.rejects(build('$$x \\tag{a} \\tag{b}$$'), /an equation has the labels a, b, expected one/);
});

test('a table whose caption has no words, no table or no proper label stops the build', async () => {
  await assert.rejects(
    build(`[Table (weights)](#weights):${TABLE}`),
    /Markdown cell 2: table 'weights' lacks its caption/,
  );
  await assert.rejects(
    build('[Table (weights)](#weights): Words.'),
    /no table follows the caption of table 'weights'/,
  );
  await assert.rejects(
    build(`[Table (A_b)](#A_b): Words.${TABLE}`),
    /table with the label 'A_b', which is none/,
  );
});

test('footnotes are numbered in the order of the text, wherever their texts stand', async () => {
  const { html, warnings } = await build(
    '[^b]: Second, with $x$\nover two lines.\n[^never]: Unused.\n\nOne[^a] and two[^b], one again[^a].',
    'More.\n\n[^a]: First.',
  );
  assert.match(
    html,
    /One<sup class="note-mark"><a class="note-link" id="c5-note-1-from" href="#c5-note-1" aria-label="Footnote 1">1<\/a>/,
  );
  assert.match(html, /one again<sup class="note-mark"><a class="note-link" href="#c5-note-1"/);
  const list = /<ol class="footnotes">[\s\S]*?<\/ol>/.exec(html)?.[0] ?? '';
  assert.match(list, /<li id="c5-note-1" value="1">First\. <a href="#c5-note-1-from"/);
  assert.match(list, /<li id="c5-note-2" value="2">Second, with <span class="katex">[\s\S]*over two lines\./);
  assert.deepEqual(warnings, ['05-refs.ipynb, Markdown cell 2: footnote [^never] is never referred to']);
});

test('a footnote in a heading is not repeated in the contents', async () => {
  const { html } = await buildChapter(await project([markdown('## Part[^a]\n\n[^a]: Note.')]), 'refs');
  assert.equal(html.match(/id="c5-note-1-from"/g)?.length, 1);
  assert.match(html, /<a href="#part">Part<\/a>/);
});

test('a footnote without a text, or with two, stops the build', async () => {
  await assert.rejects(build('One[^a].'), /Markdown cell 2: footnote \[\^a\] has no text; write/);
  await assert.rejects(build('[^a]: x', '[^a]: y'), /Markdown cell 3: footnote \[\^a\] has two texts/);
  await assert.rejects(build('One[^a].\n\n[^a]:\n'), /Markdown cell 2: footnote \[\^a\] has no text/);
});

test('a link into the bibliography cites its work, which is then among the references', async () => {
  const { html } = await build(`As [Redmon et al. 2016](${WORKS}#yolo) and [again](${WORKS}#yolo).`);
  assert.match(html, /As <a href="#ref-yolo">Redmon et al\. 2016<\/a> and <a href="#ref-yolo">again<\/a>\./);
  assert.match(
    html,
    /<li id="ref-yolo">Redmon, J\., Van Beta, T\.-Y\. and Last, A\. B\. \(2016\)\. <cite>Look &lt;Once&gt;<\/cite>\. CVPR\. <a href="https:\/\/arxiv\.org\/abs\/1506\.02640" rel="noopener">arxiv\.org\/abs\/1506\.02640<\/a>/,
  );
  assert.doesNotMatch(html, /ref-focal/);
  assert.match(html, /<li><a href="#references">References<\/a><\/li>/);
});

test('an unknown work stops the build with the ids there are, a damaged bibliography with its work and field', async () => {
  await assert.rejects(
    build(`[x](${WORKS}#yolo9)`),
    /05-refs\.ipynb, Markdown cell 2: report\/bibliography\.json has no work 'yolo9'; there are yolo, focal/,
  );
  const [yolo] = sampleWorks();
  const broken = async (work: object) => buildReport(await project([], [work]));
  await assert.rejects(broken({ ...yolo, title: '' }), /bibliography\.json: 0\.title is '', expected text/);
  await assert.rejects(broken({ ...yolo, issued: {} }), /'0\.issued\.date-parts' is missing/);
  await assert.rejects(
    broken({ ...yolo, URL: 'javascript:alert(1)' }),
    /0\.URL is 'javascript:alert\(1\)', expected http or https/,
  );
  await assert.rejects(buildReport(await project([], [yolo, yolo])), /two entries have the id 'yolo'/);
  await assert.rejects(buildReport(await project([], {})), /it is an object, expected a list of works/);
});

test('an output can not forge a number or take text away with the character that stands for one', async () => {
  const root = await project([
    markdown('$$x \\tag{slope}$$'),
    code('1;', shown('text/plain', 'a\0b'), shown('text/plain', 'c\0slope d')),
  ]);
  const { html } = await buildSingle(root);
  assert.ok(!html.includes('\0'));
  assert.match(html, /<samp>ab<\/samp>/);
  assert.match(html, /<samp>cslope d<\/samp>/);
});

test('brackets and stops at a short equation stay in its line', async () => {
  const { html } = await build('A weight ($w$), and $w^2$ of it, or "$x$": $y$');
  for (const piece of [
    '<span class="unbroken">(<span class="katex">',
    '</span>),</span> and',
    '</span>”:</span>',
  ]) {
    assert.ok(html.includes(piece), piece);
  }
  assert.match(html, /A weight <span class="unbroken">/);
});

test('stars that end no emphasis are a warning with their cell, those in code are not', async () => {
  const { warnings } = await build('**Bold** and `2 ** 3`.', '**Bold.** A sentence.**');
  assert.deepEqual(
    warnings.filter((warning) => warning.includes('**')),
    ["05-refs.ipynb, Markdown cell 3: '**' stands in the text as it is; it ends or begins nothing"],
  );
});
