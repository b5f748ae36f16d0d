import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import sharp from 'sharp';
import { writeScenesDevkit } from 'yolov1/data';
import { htmlComplaints } from '../fixtures/htmlComplaints';
import { changeConfig, makeProject, sampleNotebooks, writeRun } from '../fixtures/sampleProject';
import { buildReport } from '../page/buildReport';

const EVIL = '<script>alert(1)</script>';
const ABSENT = 'The photograph is not on this machine.';

let root: string;
let data: string;
let empty: string;
let key: string;
const dataBefore = process.env.YOLOV1_DATA;

/** Names of the classes and detections as a record has them, `[classIndex, score]` each. */
async function writeDetections(run: string, found: [number, number][], detections?: unknown): Promise<void> {
  const final = {
    years: {},
    pooled: { map: 0.25, classes: [{ name: 'circle' }, { name: EVIL }] },
    detections: detections ?? [
      {
        key,
        detections: found.map(([classIndex, score], k) => ({
          classIndex,
          score,
          box: { left: 10 + k, top: 20, right: 90, bottom: 80 },
        })),
      },
    ],
  };
  await writeRun(root, run, { evaluation: { epochs: [], final } });
}

const figure = (changes: object = {}) => ({
  after: 'class-ap',
  label: 'beside',
  caption: 'Found in $2$ runs: [0.25](../report/runs/06-one/evaluation.json#final.pooled.map).',
  alt: 'A scene with boxes.',
  runs: [
    { run: '06-one', title: 'One' },
    { run: '07-two', title: EVIL },
  ],
  pictures: [{ key, width: 373, height: 307 }],
  ...changes,
});

async function build(folder: string, single = false): Promise<string> {
  process.env.YOLOV1_DATA = folder;
  const { path } = await buildReport(root, single);
  return readFile(single ? path : join(dirname(path), 'frozen-backbone/index.html'), 'utf8');
}
const photographsIn = () => readdir(join(root, 'report/site/photographs')).catch(() => []);
const blockOf = (html: string) => /<figure id="beside"[\s\S]*?<\/figure>/.exec(html)?.[0] ?? '';

before(async () => {
  root = await makeProject(await sampleNotebooks());
  data = await mkdtemp(join(tmpdir(), 'yolov1-photographs-'));
  empty = await mkdtemp(join(tmpdir(), 'yolov1-no-photographs-'));
  await writeScenesDevkit(data, { train: 1, val: 1 });
  const [name] = await readdir(join(data, 'Scenes/JPEGImages'));
  key = `Scenes/${name.replace('.jpg', '')}`;
  await writeDetections('06-one', [
    [0, 0.3],
    [0, 0.9],
    [1, 0.5],
    [0, 0.1],
  ]);
  await writeDetections('07-two', []);
  await changeConfig(root, { photographs: [figure()] });
});

after(async () => {
  if (dataBefore === undefined) delete process.env.YOLOV1_DATA;
  else process.env.YOLOV1_DATA = dataBefore;
  for (const folder of [root, data, empty]) await rm(folder, { recursive: true });
});

test('runs stand beside each other on the photograph of the user, with the annotation and the three surest boxes', async () => {
  const html = await build(data);
  const block = blockOf(html);
  const name = `${key.replace('/', '-')}.webp`;
  assert.deepEqual(await photographsIn(), [name]);
  assert.equal((await sharp(join(root, 'report/site/photographs', name)).metadata()).width, 373);
  // Once in the page, shown twice.
  assert.equal(block.split(`href="../photographs/${name}"`).length, 2);
  assert.equal(block.match(/<use href="#beside-scenes-[\w-]+"\/>/g)?.length, 1);
  const tags = [...block.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((match) => match[1]);
  assert.deepEqual(tags, ['circle 0.30', '&lt;script&gt;alert(1)&lt;/script&gt; 0.50', 'circle 0.90']);
  assert.match(block, /<title>annotated: /);
  assert.match(block, /aria-label="One, Scenes\/[\w-]+: circle 0\.90, /);
  assert.match(block, /Figure 3.3<\/a> Found in .* class="quoted">0\.25<\/a>\./);
  assert.match(block, /href="..\/runs\/index.html#run-07-two" title="07-two">mAP@\.5 = 0\.2500</);
  assert.ok(html.includes('download="beside.csv"'));
  assert.match(
    html,
    /Provenance of figure 3\.3 <span class="where">2 runs<[\s\S]*detections that the runs’ records keep/,
  );
  assert.ok(!html.includes(EVIL));
  assert.match(html, /img-src data: &#39;self&#39;;/);
  assert.deepEqual((await htmlComplaints(html)).slice(0, 5), []);
  assert.equal(await build(data), html, 'a second build');
});

test('in a single file the photograph is inside, once', async () => {
  const html = await build(data, true);
  assert.equal(html.match(/href="data:image\/webp;base64,/g)?.length, 1);
  assert.doesNotMatch(html, /photographs\/|img-src data: &#39;self/);
});

test('without data the boxes stand on an empty frame that says so, and no photograph is left beside the page', async () => {
  await build(data);
  assert.equal((await photographsIn()).length, 1);
  const html = await build(empty);
  assert.deepEqual(await photographsIn(), []);
  const block = blockOf(html);
  assert.equal(block.split(ABSENT).length, 3);
  assert.match(block, /viewBox="0 0 240 198"/);
  assert.match(block, /circle 0\.90/);
  assert.match(block, /boxes stand on an empty frame of its size\./);
  assert.match(html, /img-src data:;/);
  assert.deepEqual((await htmlComplaints(html)).slice(0, 5), []);
});

test('the article has a scene’s figure on a photograph of the user, and without data as the notebook has it', async () => {
  const grid = { figure: 'class-ap', key, gridSize: 3, alt: 'A scene under a grid.' };
  const article = join(root, 'report/article.md');
  await writeFile(article, '# Title\n\n[Figure (class-ap)](#class-ap): Words.\n');
  await changeConfig(root, { grids: [grid] });
  const index = () => readFile(join(root, 'report/site/index.html'), 'utf8');
  try {
    const chapter = await build(data);
    assert.match(await index(), /aria-label="A scene under a grid\."/);
    assert.doesNotMatch(chapter, /A scene under a grid/);
    await build(empty);
    assert.doesNotMatch(await index(), /A scene under a grid/);
    await changeConfig(root, { grids: [{ ...grid, figure: 'none' }] });
    await assert.rejects(
      build(empty),
      /'grids\.figure' is 'none', which is no figure of a notebook; there are class-ap/,
    );
  } finally {
    await changeConfig(root, { grids: undefined });
    await rm(article);
  }
});

test('what the config or a record has wrong ends the build with its place', async () => {
  const cases: [changes: object, message: RegExp][] = [
    [{ after: 'nowhere' }, /^report\/config\.json: 'photographs\.after' is 'nowhere', which is no figure/],
    [{ label: 'class-ap' }, /^report\/config\.json: label 'class-ap' is taken by 03-frozen-backbone/],
    [{ alt: ' ' }, /config\.json: photographs\.0\.alt is ' ', expected text/],
    [{ caption: '[0.26](../report/runs/06-one/evaluation.json#final.pooled.map)' }, /write '0\.25'/],
    [{ runs: [] }, /runs is \[\], expected a list with an entry/],
    [{ runs: [{ run: '../../x', title: 'X' }] }, /run '\.\.\/\.\.\/x', of which there is no record/],
    [{ runs: [{ run: '05-first', title: 'X' }] }, /05-first\/evaluation\.json: keeps no detections/],
    [
      { pictures: [{ key: 'VOC2012/../../etc', width: 1, height: 1 }] },
      /key is 'VOC2012\/\.\.\/\.\.\/etc', expected year/,
    ],
    [
      { pictures: [{ key: 'Scenes/other', width: 1, height: 1 }] },
      /06-one keeps no detections of 'Scenes\/other'; it has Scenes/,
    ],
    [{ pictures: [{ key, width: 100, height: 100 }] }, /is 373 x 307, not 100 x 100/],
    [{ pictures: [{ key, width: 0, height: 100 }] }, /width is 0, expected a whole number above 0/],
  ];
  for (const [changes, message] of cases) {
    await changeConfig(root, { photographs: [figure(changes)] });
    await assert.rejects(build(data), (error: Error) => {
      assert.match(error.message, message);
      return true;
    });
  }
  await changeConfig(root, { photographs: [figure()] });
  await writeDetections('07-two', [[7, 0.5]]);
  await assert.rejects(
    build(data),
    /07-two\/evaluation\.json: a detection of 'Scenes\/[\w-]+' is no box of a class/,
  );
  await writeDetections('07-two', []);
  await writeFile(join(data, 'Scenes/JPEGImages', `${key.split('/')[1]}.jpg`), 'no picture');
  await assert.rejects(build(data), /JPEGImages.*can't be read as a picture; fetch it again/);
});
