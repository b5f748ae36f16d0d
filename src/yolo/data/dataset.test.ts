import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readEnvironment } from '../core/environment';
import { UserError } from '../core/errors';
import { loadDataset } from './dataset';
import { findDevkits, findSource } from './findDevkits';
import { PictureHashes } from './picture/pictureHashes';
import { SCENE_CLASSES } from './scene/shapes';
import { writeScenesDevkit } from './scene/writeScenesDevkit';

let folder: string;
let first: string;
let second: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dataset-'));
  first = await writeScenesDevkit(folder, { train: 4, val: 2, seed: 1, year: 'VOC2007' });
  second = await writeScenesDevkit(folder, { train: 3, val: 1, seed: 2, year: 'VOC2012' });
});
after(() => rm(folder, { recursive: true }));

test('lists are pooled in order, keys stay unique though ids repeat', async () => {
  const { items, classes } = await loadDataset([
    { folder: first, split: 'val' },
    { folder: second, split: 'train' },
  ]);
  assert.deepEqual(
    items.map(({ key }) => key),
    ['VOC2007/000005', 'VOC2007/000006', 'VOC2012/000001', 'VOC2012/000002', 'VOC2012/000003'],
  );
  assert.equal(classes.length, 6);
  for (const { id, annotation } of items) assert.equal(annotation.id, id);
});

test('the fingerprint follows ids, order and boxes, not how a file is laid out', async () => {
  const load = async () => (await loadDataset([{ folder: first, split: 'train' }])).fingerprint;
  const original = await load();
  assert.match(original, /^[0-9a-f]{64}$/);
  assert.equal(await load(), original);
  const file = join(first, 'Annotations', '000002.xml');
  const xml = await readFile(file, 'utf8');
  await writeFile(file, xml.replace(/\t/g, '    '));
  assert.equal(await load(), original);
  await writeFile(file, xml.replace('<difficult>0', '<difficult>1'));
  assert.notEqual(await load(), original);
  await writeFile(file, xml);
  const list = join(first, 'ImageSets', 'Main', 'train.txt');
  await writeFile(list, '000002\n000001\n000003\n000004\n');
  assert.notEqual(await load(), original);
  await writeFile(list, '000001\n000002\n000003\n000004\n');
  assert.equal(await load(), original);
});

test('the fingerprint follows the pictures, also replaced by one of the same size and date, and the classes', async () => {
  const load = async (classes?: string[]) =>
    (await loadDataset([{ folder: first, split: 'train' }], classes ? { classes } : {})).fingerprint;
  const picture = join(first, 'JPEGImages', '000003.jpg');
  const content = await readFile(picture);
  // Whole seconds come back as they were set.
  const date = new Date('2026-01-02T03:04:05Z');
  await utimes(picture, date, date);
  const original = await load();
  const changed = Buffer.from(content);
  changed[changed.length - 20] ^= 1;
  await writeFile(picture, changed);
  await utimes(picture, date, date);
  assert.equal((await stat(picture)).mtimeMs, date.getTime());
  assert.notEqual(await load(), original);
  await writeFile(picture, content);
  assert.equal(await load(), original);
  assert.notEqual(await load([...SCENE_CLASSES].reverse()), original);
  assert.equal(await load([...SCENE_CLASSES]), original);
});

test('a picture that is unchanged is not read again, and a damaged manifest is made anew', async () => {
  const cacheFolder = join(folder, 'cache');
  const path = join(first, 'JPEGImages', '000001.jpg');
  const hashes = await PictureHashes.open(first, { ...readEnvironment(), cacheFolder });
  const hash = await hashes.of(path);
  await hashes.save();
  const [manifest] = await readdir(join(cacheFolder, 'pictures'));
  const file = join(cacheFolder, 'pictures', manifest);
  // An untrue hash shows that the manifest answers.
  await writeFile(file, (await readFile(file, 'utf8')).replace(hash, 'untrue'));
  assert.equal(
    await (await PictureHashes.open(first, { ...readEnvironment(), cacheFolder })).of(path),
    'untrue',
  );
  await writeFile(file, '{');
  assert.equal(await (await PictureHashes.open(first, { ...readEnvironment(), cacheFolder })).of(path), hash);
});

test('a picture that is missing, or in two of the lists, is refused', async () => {
  const picture = join(first, 'JPEGImages', '000001.jpg');
  await rename(picture, `${picture}.away`);
  await assert.rejects(loadDataset([{ folder: first, split: 'train' }]), (error: Error) => {
    assert.ok(error instanceof UserError);
    assert.match(error.message, /000001\.jpg: no such picture; add it or take '000001' out of its list$/);
    return true;
  });
  await rename(`${picture}.away`, picture);
  await assert.rejects(
    loadDataset([
      { folder: first, split: 'train' },
      { folder: first, split: 'trainval' },
    ]),
    /VOC2007\/000001 of list 'trainval' is in an earlier list as well/,
  );
  await assert.rejects(loadDataset([]), /no id list was given/);
});

test('the first wrong annotation of the list is named, whatever is read first', async () => {
  const files = ['000002', '000004'].map((id) => join(first, 'Annotations', `${id}.xml`));
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  for (const file of files) await writeFile(file, '<annotation>');
  await assert.rejects(loadDataset([{ folder: first, split: 'train' }]), /000002\.xml: not well-formed XML/);
  for (const [i, file] of files.entries()) await writeFile(file, texts[i]);
});

test('years are found in the data folder, and a list by its short name', async () => {
  const environment = { dataFolder: folder };
  assert.deepEqual(findDevkits(environment), { dataFolder: folder, yearFolders: [first, second] });
  assert.deepEqual(findDevkits({ dataFolder: join(folder, 'none') }).yearFolders, []);
  assert.deepEqual(findSource('VOC2012/train', environment), { folder: second, split: 'train' });
  assert.throws(
    () => findSource('VOC2012', environment),
    /'VOC2012' is no id list; expected year folder and list/,
  );
  assert.throws(
    () => findSource('VOC2010/train', environment),
    /VOC2010: no such folder, needed for 'VOC2010\/train'; set YOLOV1_DATA to the folder that holds VOC2010/,
  );
});

test('the real photographs are all there and right', async (t) => {
  const { dataFolder, yearFolders } = findDevkits();
  const years = yearFolders.map((path) => path.slice(-7)).join();
  if (years !== 'VOC2007,VOC2012') {
    t.skip(
      `no VOC2007 and VOC2012 in ${dataFolder}; set YOLOV1_DATA to check the reader on real photographs`,
    );
    return;
  }
  const counts: Record<string, [pictures: number, objects: number, difficult: number]> = {};
  for (const name of ['VOC2007/train', 'VOC2007/val', 'VOC2012/train', 'VOC2012/val', 'VOC2012/extra']) {
    const { items } = await loadDataset([findSource(name)]);
    const objects = items.flatMap(({ annotation }) => annotation.objects);
    counts[name] = [items.length, objects.length, objects.filter(({ difficult }) => difficult).length];
  }
  // Another copy of VOC has other lists: the numbers are those of the small one.
  if (counts['VOC2012/train'][0] !== 425) {
    t.diagnostic(`${dataFolder} is not the small copy: counts not compared, all annotations read`);
    return;
  }
  assert.deepEqual(counts, {
    'VOC2007/train': [490, 1384, 273],
    'VOC2007/val': [469, 1374, 319],
    'VOC2012/train': [425, 896, 101],
    'VOC2012/val': [392, 861, 68],
    'VOC2012/extra': [295, 801, 132],
  });
});
