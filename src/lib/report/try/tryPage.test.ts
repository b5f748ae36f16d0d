// The page with the detector, in a browser: it must find what the library finds in Node.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { source as axe } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { generateScene } from 'yolov1/data';
import { loadDetector, type NamedDetection } from 'yolov1/detect';
import { launchBrowser, withoutBrowser as skip } from '../fixtures/browser';
import { changeConfig, makeProject, markdown } from '../fixtures/sampleProject';
import { writeUntrainedDetector } from '../fixtures/untrainedDetector';
import { buildReport } from '../page/buildReport';

const PROJECT = join(__dirname, '../../../..');
const SHIPPED = join(PROJECT, 'src/yolo/models/yolov1-resnet18');
const { YOLOV1_DATA = join(PROJECT, 'data/VOCdevkit') } = process.env;
const PHOTOGRAPHS = ['VOC2012/JPEGImages/2008_000215.jpg', 'VOC2007/JPEGImages/000095.jpg'].map((path) =>
  join(YOLOV1_DATA, path),
);
/** Everything is computed on the processor, beside other tests. */
const PATIENCE = 300_000;
/** Of all that an untrained network sees; near enough to none that nothing depends on a rounding. */
const SCORE = 0.3;

let root: string;
let folder: string;
let address: string;
let scene: string;
let browser: Browser;

before(async () => {
  if (skip) return;
  folder = await mkdtemp(join(tmpdir(), 'yolov1-try-'));
  root = await makeProject({ '05-first.ipynb': [markdown('# First')] });
  await writeUntrainedDetector(join(root, 'models/untrained'));
  await changeConfig(root, { detector: 'models/untrained' });
  const { path, warnings } = await buildReport(root);
  assert.deepEqual(warnings, []);
  address = pathToFileURL(join(dirname(path), 'try/index.html')).href;
  const { picture } = await generateScene('try');
  const { width, height } = picture;
  scene = join(folder, 'scene.png');
  await sharp(picture.data, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(scene);
  const film = join(folder, 'camera.mjpeg');
  await sharp(scene).resize(640, 480, { fit: 'fill' }).jpeg().toFile(film);
  browser = await launchBrowser(film);
});

after(async () => {
  await browser?.close();
  for (const made of [root, folder]) if (made) await rm(made, { recursive: true });
});

/** Opens the page and waits until it is ready; nothing but its own files may have been asked for. */
async function open(url = address): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy|TypeError/.test(message.text())) complaints.push(message.text());
  });
  page.on('request', (request) => {
    if (
      !/^(?:data|blob):/.test(request.url()) &&
      !request.url().startsWith(pathToFileURL(dirname(dirname(new URL(url).pathname))).href)
    )
      complaints.push(request.url());
  });
  await page.goto(url);
  await said(page, /^Ready/);
  return { page, complaints };
}

async function said(page: Page, words: RegExp): Promise<string> {
  const status = page.locator('.tryout [role="status"]', { hasText: words });
  await status.waitFor();
  return String(await status.textContent());
}

/** What the page's table says: class, score and edges. */
async function listed(page: Page): Promise<{ name: string; score: number; edges: number[] }[]> {
  const rows = await page.locator('.tryout tbody tr').all();
  const cells = await Promise.all(rows.map((row) => row.locator('td').allTextContents()));
  return cells.map(([name, score, ...edges]) => ({ name, score: Number(score), edges: edges.map(Number) }));
}

/** Each of Node's detections has its own on the page, to two pixels, and the other way round. */
async function agrees(page: Page, expected: readonly NamedDetection[]): Promise<void> {
  const seen = await listed(page);
  assert.ok(expected.length > 0);
  for (const { name, score, box } of expected) {
    const near = seen.findIndex(
      (one) =>
        one.name === name &&
        Math.abs(one.score - score) < 0.02 &&
        [box.left, box.top, box.right, box.bottom].every((edge, k) => Math.abs(edge - one.edges[k]) <= 2),
    );
    assert.ok(near >= 0, `${name} ${score} ${JSON.stringify(box)} is not in ${JSON.stringify(seen)}`);
    seen.splice(near, 1);
  }
  assert.deepEqual(seen, []);
}

let opened: Awaited<ReturnType<typeof open>>;

test('from disk and without a request, each backend that there is can be chosen', { skip }, async () => {
  opened = await open();
  const words = await opened.page.locator('.backend option').allTextContents();
  assert.deepEqual(words.map((one) => one.split(' ')[0]).sort(), ['wasm', 'webgl', 'webgpu']);
  assert.deepEqual(opened.complaints, []);
});

for (const name of ['wasm', 'webgl', 'webgpu']) {
  test(`finds in a scene what Node finds, on ${name}`, { skip }, async () => {
    const node = await loadDetector(join(root, 'models/untrained'));
    const expected = await node.detect(scene, { scoreThreshold: SCORE, limit: 100 });
    node.dispose();
    const { page, complaints } = opened;
    await page.locator('.score input').fill(String(SCORE));
    const backends = page.locator('.backend select');
    if ((await backends.inputValue()) !== name) {
      await backends.selectOption(name);
      await said(page, new RegExp(`^Ready|ms on ${name}`));
    }
    await page.locator('.file input').setInputFiles(scene);
    await said(page, new RegExp(`ms on ${name}`));
    await agrees(page, expected);
    assert.deepEqual(complaints, []);
  });
}

test('takes a picture from the camera, a scene of its own, and says what is no picture', {
  skip,
}, async () => {
  const { page, complaints } = await open();
  await page.locator('.score input').fill('0.05');
  await page.getByRole('button', { name: 'Use the camera' }).click();
  await page.getByRole('button', { name: 'Take the picture' }).click();
  await said(page, /ms on/);
  assert.ok((await listed(page)).length > 0);
  assert.ok(await page.locator('.viewfinder').isHidden());
  const size = () =>
    page.evaluate('[document.querySelector("canvas").width, document.querySelector("canvas").height]');
  assert.deepEqual(await size(), [640, 480]);
  await page.getByRole('button', { name: 'Generate a scene' }).click();
  await page.locator('canvas[width="400"]').waitFor();
  await said(page, /ms on/);
  await writeFile(join(folder, 'notes.txt'), 'no picture');
  await page.locator('.file input').setInputFiles(join(folder, 'notes.txt'));
  await said(page, /notes\.txt can't be read as a picture here/);
  await page.locator('.score input').fill('0.95');
  assert.ok((await listed(page)).every(({ score }) => score > 0.95));
  await page.evaluate(axe);
  const { violations } = (await page.evaluate('axe.run()')) as { violations: { id: string }[] };
  assert.deepEqual(
    violations.map(({ id }) => id),
    [],
  );
  assert.deepEqual(complaints, []);
  await page.close();
});

test('says so where there is no script, and where a file is missing', { skip }, async () => {
  const blind = await browser.newContext({ javaScriptEnabled: false });
  const page = await blind.newPage();
  await page.goto(address);
  await page.getByText('scripts are switched off here').waitFor();
  await blind.close();
  const bare = await browser.newPage();
  await bare.route('**/wasm.js', (route) => route.abort());
  await bare.goto(address);
  await said(bare, /can not run here/);
  await bare.close();
});

const noPhotographs =
  skip ||
  (!existsSync(join(SHIPPED, 'detector.json')) && `no detector at ${SHIPPED}`) ||
  (!PHOTOGRAPHS.every(existsSync) && `no photographs at ${YOLOV1_DATA}`);

test('finds in photographs what Node finds', { skip: noPhotographs }, async () => {
  await changeConfig(root, { detector: 'models/shipped' });
  await cp(SHIPPED, join(root, 'models/shipped'), { recursive: true });
  await buildReport(root);
  const node = await loadDetector(SHIPPED);
  const { page } = await open();
  await page.locator('.score input').fill(String(SCORE));
  for (const photograph of PHOTOGRAPHS) {
    await page.locator('.file input').setInputFiles(photograph);
    await said(page, /ms on/);
    await agrees(page, await node.detect(photograph, { scoreThreshold: SCORE, limit: 100 }));
  }
  node.dispose();
  await page.close();
});
