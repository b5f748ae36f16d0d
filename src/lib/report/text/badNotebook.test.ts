import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { barChart } from '../../chart/barChart';
import { makeFigure } from '../../chart/figure';
import { figureHtml } from '../../chart/figureHtml';
import { lineChart } from '../../chart/lineChart';
import type { Output } from '../../kernel/outputs';
import type { Cell } from '../../notebook/format';
import {
  buildChapter,
  buildSingle,
  code,
  makeProject,
  markdown,
  printed,
  shown,
} from '../fixtures/sampleProject';
import { buildReport } from '../page/buildReport';

const folders: string[] = [];
after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

async function build(...cells: Cell[]) {
  const root = await makeProject({ '05-bad.ipynb': [markdown('# Bad'), ...cells] });
  folders.push(root);
  return buildChapter(root, 'bad');
}

/** What is on the page apart from its frame. */
async function shownBy(...outputs: Output[]): Promise<string> {
  const { html } = await build(code('show();', ...outputs));
  return /<section[\s\S]*<\/section>/.exec(html)?.[0] ?? '';
}

const chart = (label: string) =>
  lineChart(
    { series: { loss: [2, 1] }, yTitle: 'loss' },
    { label, caption: 'It falls.', alt: 'A falling line.', runs: [] },
  );

test('an equation that KaTeX can not set stops the build with notebook, cell and the reason', async () => {
  await assert.rejects(build(markdown('fine: $x$'), markdown('text $\\frac{1}{$ text')), {
    name: 'NotebookError',
    message:
      /^05-bad\.ipynb, Markdown cell 3: KaTeX can't set the equation '\\frac\{1\}\{': Unexpected end of input in a macro argument/,
  });
  await assert.rejects(
    build(markdown('$$\n\\unknown\n$$')),
    /Markdown cell 2: .*Undefined control sequence: \\unknown/,
  );
  await assert.rejects(build(markdown('$$\nx = 1')), /an equation is opened by '\$\$' and never closed/);
  await assert.rejects(build(markdown('\\def\\a{\\a\\a}$\\def\\a{\\a\\a}\\a$')), /Too many expansions/);
});

test('a heading without words, to which nothing could lead, stops the build', async () => {
  for (const heading of ['###', '### [](https://example.org)']) {
    await assert.rejects(
      build(markdown(heading)),
      /^NotebookError: 05-bad\.ipynb, Markdown cell 2: a heading without words; give it some, or remove it$/,
    );
  }
});

test('code is coloured by the grammar of the notebook that it is from, and stays plain in an unknown language', async () => {
  const root = await makeProject({ '05-bad.ipynb': [markdown('# Bad'), code('function = None  # const')] });
  folders.push(root);
  const path = join(root, 'notebooks/05-bad.ipynb');
  const notebook = JSON.parse(await readFile(path, 'utf8'));
  const colouredAs = async (metadata: object) => {
    await writeFile(path, JSON.stringify({ ...notebook, metadata }));
    return /<code>(.*)<\/code><\/pre>/.exec((await buildChapter(root, 'bad')).html)?.[1];
  };
  assert.match((await colouredAs({})) ?? '', /class="code-keyword">function</);
  assert.match(
    (await colouredAs({ language_info: { name: 'python' } })) ?? '',
    /^function = .*code-comment"># const<\/span>$/,
  );
  assert.equal(await colouredAs({ kernelspec: { language: 'R' } }), 'function = None  # const');
});

test('an error output stops the build with notebook, cell and the error', async () => {
  const error: Output = {
    output_type: 'error',
    ename: 'TypeError',
    evalue: 'x is\nundefined',
    traceback: [],
  };
  await assert.rejects(build(code('1;'), code('x();', error)), {
    message:
      '05-bad.ipynb, cell 2: the cell ended in an error: TypeError: x is undefined; mend it and run the notebook again',
  });
});

test('a label that is taken, a link that leads nowhere and a missing file stop the build', async () => {
  const html = figureHtml(await chart('loss'));
  await assert.rejects(
    build(code('a;', shown('text/html', html)), code('b;', shown('text/html', html))),
    /05-bad\.ipynb, cell 2: label 'loss' is taken by 05-bad\.ipynb, cell 1; choose another one/,
  );
  await assert.rejects(
    build(markdown('[x](#nowhere)')),
    /Markdown cell 2: link to '#nowhere', which is not on the page/,
  );
  await assert.rejects(build(markdown('[x](../src/none.ts)')), /link to '\.\.\/src\/none\.ts': no such file/);
  await assert.rejects(build(markdown('[x](../../secret)')), /link to '\.\.\/\.\.\/secret': no such file/);
  await assert.rejects(
    build(markdown('[x](javascript:alert(1))')),
    /expected http, https, mailto, or a path/,
  );
  await assert.rejects(build(markdown('[x](/etc/passwd)')), /expected http, https, mailto, or a path/);
});

test('a picture from the network, or without words, stops the build', async () => {
  await assert.rejects(
    build(markdown('![x](https://example.org/x.png)')),
    /picture 'https:\/\/example\.org\/x\.png' is not in the notebook/,
  );
  await assert.rejects(build(markdown('![](attachment:x.png)')), /lacks its alternative text/);
  await assert.rejects(
    build(markdown('![x](attachment:x.png)')),
    /attached picture 'x\.png' is not in the notebook/,
  );
  await assert.rejects(build(markdown('![x](data:image/svg+xml;base64,AAAA)')), /is not in the notebook/);
});

test('a figure that was tampered with stops the build', async () => {
  const html = figureHtml(await chart('loss'));
  const broken = html.replace(/base64,[^"]*/, `base64,${Buffer.from('<svg></svg>').toString('base64')}`);
  await assert.rejects(
    build(code('a;', shown('text/html', broken))),
    /cell 1: figure output without its metadata/,
  );
  const svg = Buffer.from(
    '<svg><metadata>{"label":"a b","caption":"c","alt":"a","data":[]}</metadata></svg>',
  );
  const renamed = html.replace(/base64,[^"]*/, `base64,${svg.toString('base64')}`);
  await assert.rejects(
    build(code('a;', shown('text/html', renamed))),
    /figure with the label 'a b', which is none/,
  );
});

test('a notebook that is no JSON, or lacks a field, stops the build with its name and the field', async () => {
  const root = await makeProject({ '05-bad.ipynb': [markdown('# Bad'), code('1;', printed('x'))] });
  folders.push(root);
  const path = join(root, 'notebooks/05-bad.ipynb');
  const good = JSON.parse(await readFile(path, 'utf8'));
  const broken = async (change: (notebook: typeof good) => void) => {
    const notebook = structuredClone(good);
    change(notebook);
    await writeFile(path, JSON.stringify(notebook));
    return buildReport(root);
  };
  await assert.rejects(
    broken((notebook) => delete notebook.cells),
    /05-bad\.ipynb: .*cells/,
  );
  await assert.rejects(
    broken((notebook) => delete notebook.cells[1].source),
    /05-bad\.ipynb: .*source/,
  );
  await assert.rejects(
    broken((notebook) => delete notebook.cells[1].outputs),
    /05-bad\.ipynb: .*outputs/,
  );
  await assert.rejects(
    broken((notebook) => delete notebook.cells[1].outputs[0].text),
    /05-bad\.ipynb: .*text/,
  );
  await writeFile(path, JSON.stringify(good).slice(0, -9));
  await assert.rejects(buildReport(root), /05-bad\.ipynb: is not valid JSON/);
});

test('script in a class name stays text, in the chart, its table and its download', async () => {
  const evil = '</text></td><script>alert(1)</script><img src=x onerror=alert(1)>';
  const figure = await barChart(
    { valueTitle: 'AP', bars: [{ name: evil, value: 0.5, n: 3 }] },
    { label: 'ap', caption: 'AP.', alt: 'One bar.', runs: [] },
  );
  const html = await shownBy(shown('text/html', figureHtml(figure)));
  assert.doesNotMatch(html, /<script|<img/);
  assert.match(html, /&lt;script&gt;alert\(1\)&lt;\/script&gt;/);
});

test('markup in Markdown stays text', async () => {
  const { html } = await build(
    markdown('<script>alert(1)</script> <img src=x onerror=alert(1)> <b>bold</b>'),
  );
  assert.match(html, /&lt;script&gt;alert\(1\)&lt;\/script&gt; &lt;img src=x/);
});

test('markup in printed text, in code and in file names stays text', async () => {
  const html = await shownBy(
    printed('</samp></pre><script>alert(1)</script>'),
    shown('text/plain', '<script>alert(2)</script>'),
  );
  assert.doesNotMatch(html, /<script/);
  const root = await makeProject({
    '<img src=x onerror=alert(1)>.ipynb': [code('"</code><script>alert(1)</script>";')],
  });
  folders.push(root);
  const { html: page } = await buildSingle(root);
  assert.doesNotMatch(page, /<img|<script>alert/);
});

/** Everything that could run, fetch or post. */
const HARM =
  /<(?:script|style|iframe|object|embed|link|meta|base|form|input|button|foreignObject|animate|set|handler|video|audio)\b|\son\w+\s*=|javascript:|https?:\/\/evil/i;

test('an HTML output keeps its text and tables and loses all that could act', async () => {
  const html = await shownBy(
    shown(
      'text/html',
      `<table onclick="x()"><tr><td>kept</td></tr></table><script>alert(1)</script><style>body{display:none}</style>
      <img src="https://evil/x.png"><img src=x onerror=alert(1)><a href="javascript:alert(1)">a</a><iframe srcdoc="x">
      </iframe><form action="https://evil"><input name=q></form><object data="https://evil"></object>
      <div style="position:fixed;background:url(https://evil)" id="text" class="bar">b</div><base href="https://evil">
      <meta http-equiv=refresh content="0;url=https://evil"><link rel=stylesheet href="https://evil">
      <math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;"></table></math>
      <noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript></section></main></body>`,
    ),
  );
  assert.match(html, /<td>kept<\/td>/);
  assert.doesNotMatch(html.replace(/<details[\s\S]*/, ''), HARM);
  assert.doesNotMatch(html, /id="text"|class="bar"|position:fixed/);
  assert.equal(html.match(/<\/section>/g)?.length, 1);
});

test('a drawing in HTML keeps its shapes and loses all that could act, one of its own may define no entities', async () => {
  const entities = '<!DOCTYPE svg [<!ENTITY x "y">]><svg><title>x</title></svg>';
  await assert.rejects(
    build(code('1;', shown('image/svg+xml', entities))),
    /cell 1: a drawing that defines entities/,
  );
  const html = await shownBy(
    shown(
      'text/html',
      `<svg xmlns="http://www.w3.org/2000/svg"
      viewBox="0 0 9 9" onload="alert(1)"><script>alert(1)</script><style>@import url(https://evil)</style>
      <foreignObject><body onload="alert(1)"><iframe src="https://evil"></iframe></body></foreignObject>
      <image href="https://evil/x.png"/><use href="https://evil/x.svg#a"/><use xlink:href="#shape"/>
      <a href="javascript:alert(1)"><circle r="4" id="shape" fill="url(https://evil)" stroke="url(#grad)"/></a>
      <animate attributeName="href" to="javascript:alert(1)"/><set attributeName="onload" to="alert(1)"/>
      <title>Attack</title><linearGradient id="grad" gradientUnits="userSpaceOnUse"/><text>&x; kept</text></svg>`,
    ),
  );
  assert.doesNotMatch(html.replace(/<details[\s\S]*/, ''), HARM);
  assert.match(html, /<svg [^>]*viewBox="0 0 9 9"/);
  assert.match(html, /<circle r="4" id="bad-1-1-shape" stroke="url\(#bad-1-1-grad\)">/);
  assert.match(html, /<use href="#bad-1-1-shape">/);
  assert.match(html, /<linearGradient id="bad-1-1-grad" gradientUnits="userSpaceOnUse">/);
  assert.match(html, /kept<\/text>/);
});

test('a figure with hostile words, values and drawing is harmless', async () => {
  const evil = '</figcaption></figure><script>alert(1)</script><img src=x onerror=alert(1)>';
  const figure = await lineChart(
    { series: { [evil]: [2, 1] }, yTitle: evil },
    { label: 'evil', caption: evil, alt: `" onload="alert(1)`, runs: [] },
  );
  const svg = figure.svg.replace('</svg>', '<script>alert(1)</script><rect onclick="alert(1)"/></svg>');
  const html = await shownBy(shown('text/html', figureHtml({ ...figure, svg })));
  const tags: string[] = html.replace(/="[^"]*"/g, '').match(/<[^>]*>/g) ?? [];
  assert.ok(tags.includes('<rect>'));
  assert.deepEqual(
    tags.filter((tag) => HARM.test(tag)),
    [],
  );
});

test('fifty megabytes of output are left out, with a warning, and the page stays small', async () => {
  const { html, warnings } = await build(code('a;', shown('text/html', `<p>${'x'.repeat(5_000_000)}</p>`)));
  assert.ok(html.length < 200_000);
  assert.match(html, /An output of 5\.0 MB is left out here/);
  assert.deepEqual(warnings, [
    '05-bad.ipynb, cell 1: an output of 5.0 MB (text/html) is left out; write it to a file instead',
  ]);
  await assert.rejects(
    build(code('a;', printed('x'.repeat(50_000_000)))),
    /has 50 MB of output, expected at most 12 MB/,
  );
});

test('long printed text is folded and cut, and says so', async () => {
  const html = await shownBy(printed(Array.from({ length: 5000 }, (_, k) => `line ${k + 1}`).join('\n')));
  assert.match(html, /Printed text, 5000 lines/);
  assert.match(html, /line 400\n\.\.\. 4600 more lines in the notebook/);
});

test('a picture among the outputs that has no words stops the build, one with words is shown', async () => {
  const words = /05-bad\.ipynb, cell 1: a picture without alternative text; show it with lib\.showFigure/;
  const png = 'data:image/png;base64,iVBORw0KGgo=';
  const svg = (title: string) => `<svg viewBox="0 0 1 1">${title}<path d="M0 0"/></svg>`;
  for (const output of [
    shown('image/png', 'iVBORw0KGgo='),
    shown('image/jpeg', '/9j/'),
    shown('image/svg+xml', svg('')),
    shown('image/svg+xml', svg('<title> </title>')),
    shown('text/html', `<p>seen: <img src="${png}"></p>`),
    shown('text/html', `<img alt=" " src="${png}">`),
    shown('text/html', svg('')),
  ]) {
    await assert.rejects(build(code('a();', output)), words, JSON.stringify(output));
  }
  const html = await shownBy(
    shown('image/svg+xml', svg('<title>A point</title>')),
    shown('text/html', `<img alt="Another point" src="${png}">`),
    shown('text/html', svg('').replace('<svg', '<svg aria-label="A third point"')),
  );
  for (const name of ['A point', 'Another point', 'A third point']) assert.ok(html.includes(name), name);
});

test('an output of a kind that can not be shown is left out with a warning', async () => {
  const { warnings } = await build(code('a;', shown('application/x-strange', 'x')));
  assert.deepEqual(warnings, [
    '05-bad.ipynb, cell 1: an output holds application/x-strange, of which the report can show nothing',
  ]);
});

test('deep nesting ends nothing', async () => {
  const html = await shownBy(
    shown('text/html', '<div>'.repeat(50_000)),
    shown('text/html', `<b>${'<i>'.repeat(9)}x`),
  );
  assert.match(html, /x<\/i>/);
});

test('a percent sign that stands for nothing in the name of an attachment is a part of the name', async () => {
  const attached = (name: string) => ({
    ...markdown(`![A point](attachment:${name})`),
    attachments: { '100%': { 'image/svg+xml': 'PHN2Zz4=', 'image/png': 'iVBORw0KGgo=' } },
  });
  // The form that can be shown, whichever comes first.
  assert.match(
    (await build(attached('100%'))).html,
    /<img src="data:image\/png;base64,iVBORw0KGgo=" alt="A point">/,
  );
  await assert.rejects(
    build(attached('50%')),
    /Markdown cell 2: attached picture '50%' is not in the notebook/,
  );
});

test('half a character in the values of a figure harms nothing, and no cell of its download is a formula', async () => {
  const rows = [{ name: 'a\ud800b', value: '=1+1' }];
  const figure = makeFigure(
    { width: 9, height: 9, body: '<path d="M0 0"/>' },
    { label: 'one', caption: 'One.', alt: 'One.', runs: [] },
    rows,
  );
  const { html } = await build(code('1;', shown('text/html', figureHtml(figure))));
  const csv = decodeURIComponent(
    /download="one\.csv" href="data:text\/csv;charset=utf-8,([^"]*)"/.exec(html)?.[1] ?? '',
  );
  assert.equal(csv, "name,value\r\na\ufffdb,'=1+1\r\n");
});

test('a drawing that repeats itself without end is refused, one that repeats a mark is shown', async () => {
  const nested = Array.from(
    { length: 9 },
    (_, k) => `<g id="g${k + 1}">${`<use href="#g${k}"/>`.repeat(10)}</g>`,
  ).join('');
  const svg = (inner: string) =>
    `<svg xmlns="http://www.w3.org/2000/svg"><title>Marks</title><defs><path id="g0" d="M0 0"/>${inner}</defs><use href="#g${inner ? 9 : 0}"/></svg>`;
  for (const type of ['image/svg+xml', 'text/html']) {
    await assert.rejects(
      build(code('1;', shown(type, svg(nested)))),
      /cell 1: a drawing that repeats its parts too often/,
    );
    assert.match((await build(code('1;', shown(type, svg(''))))).html, /<img src="data:image\/svg|<use href/);
  }
});

test('a drawing of a plotting library keeps its style inside a picture, and a picture has the words of its metadata', async () => {
  const styled =
    '<svg xmlns="http://www.w3.org/2000/svg"><title>A line &amp; more</title><style>path { stroke: red }</style><path d="M0 0"/></svg>';
  const png = { ...shown('image/png', 'iVBORw0KGgo=\n'), metadata: { 'image/png': { alt: 'A point' } } };
  const { html } = await build(code('1;', shown('image/svg+xml', styled), png as Output));
  const source =
    /<img src="data:image\/svg\+xml;base64,([^"]*)" alt="A line &amp; more">/.exec(html)?.[1] ?? '';
  assert.equal(Buffer.from(source, 'base64').toString(), styled);
  assert.match(html, /<img src="data:image\/png;base64,iVBORw0KGgo=" alt="A point">/);
});

test('many dollars without an end take no longer than their text', async () => {
  const { html } = await build(markdown('$a '.repeat(33_000)));
  assert.ok(html.includes('$a $a'));
});

test('what is opened again and again, long blanks and shared names take no longer than their text', async () => {
  const many = (part: string) => part.repeat(60_000);
  const html = await shownBy(
    printed(`a${' '.repeat(400_000)}b`),
    ...['<svg ', '<img ', '<img src'].map((part) => shown('text/html', `x${many(part)}`)),
  );
  assert.ok(html.includes('<samp>a'));
  const uses = `<svg aria-label="x">${'<g id="a">'.repeat(90)}${'<use href="#a"/>'.repeat(90_000)}`;
  await assert.rejects(build(code('1;', shown('text/html', uses))), /repeats its parts too often/);
  await assert.rejects(
    build(code('1;', shown('image/svg+xml', `<svg>${many('<title')}`))),
    /without alternative/,
  );
  const { html: text } = await build(
    ...['a<!--', '<!--\n', '<!--\n\n', '[a](https://b.c) ', '# a\n'].map((part) => markdown(many(part))),
    markdown(`\\begin{matrix}\n${'%\n'.repeat(20_000)}\\end{matrix}`),
  ).catch((error) => ({ html: String(error) }));
  assert.match(text, /KaTeX can't set the equation '\\begin\{matrix\} % %/);
});

test('long equations and macros that stand for long texts are refused, deep code is shown', async () => {
  await assert.rejects(
    build(markdown(`$${'x'.repeat(60_000)}$`)),
    /Markdown cell 2: an equation of 60000 characters, expected at most 50000/,
  );
  await assert.rejects(
    build(markdown(`$\\def\\a{${'x'.repeat(5000)}}${'\\a'.repeat(900)}$`)),
    /Markdown cell 2: KaTeX can't set .*: \\a stands for 5000 tokens, expected at most 200/,
  );
  const { html } = await build(code('('.repeat(20_000)));
  assert.ok(html.includes('(((('));
});

test('what JupyterLab would show and the page leaves out is said: colours, equations in HTML, raw cells', async () => {
  const { warnings } = await build(
    { cell_type: 'raw', id: '', metadata: {}, source: 'A licence.' },
    code('1;', shown('text/html', '<style>#a { background-color: red }</style><p id="a">1</p>')),
    code('2;', shown('text/html', '<style>th { text-align: right }</style><p>cost $5 and $6</p>')),
    code('3;', shown('text/html', '<p>$\\alpha$</p>')),
  );
  assert.deepEqual(warnings, [
    '05-bad.ipynb, raw cell 1: a raw cell is left out; write it in Markdown',
    '05-bad.ipynb, cell 1: of an HTML output the report leaves out: style',
    '05-bad.ipynb, cell 3: an equation in an HTML output stands as it is written; show it as text/markdown or text/latex',
  ]);
});

test('a bare address is a link, a part (c) of an exercise stays one, and a file is no address', async () => {
  const { html } = await build(
    markdown('(a) See https://example.org/x. (b) page.md (c) [done](https://b.c)'),
  );
  assert.ok(
    html.includes(
      '<p>(a) See <a href="https://example.org/x" rel="noopener">https://example.org/x</a>. (b) page.md (c) ' +
        '<a href="https://b.c" rel="noopener">done</a></p>',
    ),
  );
});
