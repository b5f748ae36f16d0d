// What people's data sets hold besides what they should: each is right, or told, and never learned as something else.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import sharp from 'sharp';
import { UserError } from '../../core/errors';
import { checkDevkit } from '../checkDevkit';
import { openDevkit } from '../devkit';
import { readPicture } from '../picture/picture';
import { makeExamples, writeLayout } from './fixtures/layouts';
import { type ImportOptions, importData } from './importData';

let folder: string;
let jpegs: Buffer[];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oddities-'));
  jpegs = (await makeExamples('oddities', 3)).map(({ jpeg }) => jpeg);
});
after(() => rm(folder, { recursive: true }));

let places = 0;

type Files = Readonly<Record<string, string | Buffer>>;

/** A new folder with these files, and a name beside it for what is imported. */
async function source(files: Files): Promise<{ from: string; to: string }> {
  const place = join(folder, String(places++));
  await writeLayout(join(place, 'source'), { files: new Map(Object.entries(files)), ids: new Map() });
  return { from: join(place, 'source'), to: join(place, 'Year') };
}

async function imported(files: Files, options: Partial<ImportOptions> = {}) {
  const { from, to } = await source(files);
  const report = await importData(from, { to, fix: true, ...options });
  assert.deepEqual((await checkDevkit(to)).findings, []);
  return { ...report, problems: report.problems.map(({ file, problem }) => `${file}: ${problem}`) };
}

async function refused(files: Files, message: RegExp, options: Partial<ImportOptions> = {}) {
  const { from, to } = await source(files);
  await assert.rejects(importData(from, { to, fix: true, ...options }), (error) => {
    assert.ok(error instanceof UserError, `${error}`);
    assert.match(error.message, message);
    return true;
  });
}

const LABEL = '0 0.5 0.5 0.25 0.5\n';
/** Two labelled pictures of 120 x 96 pixels, and others. */
const yolo = (others: Files, names = 'names: [cat, dog]\n') => ({
  'data.yaml': names,
  'images/a.jpg': jpegs[0],
  'labels/a.txt': LABEL,
  'images/b.jpg': jpegs[1],
  'labels/b.txt': LABEL,
  ...others,
});

const xml = (name: string, box: readonly number[], filename = 'a.jpg') => {
  const [xmin, ymin, xmax, ymax] = box;
  return `<annotation><filename>${filename}</filename><size><width>120</width><height>96</height></size><object><name>${name}</name><bndbox><xmin>${xmin}</xmin><ymin>${ymin}</ymin><xmax>${xmax}</xmax><ymax>${ymax}</ymax></bndbox></object></annotation>`;
};
const BOX = [11, 11, 50, 60];

interface Coco {
  images: Record<string, unknown>[];
  annotations: Record<string, unknown>[];
  categories: Record<string, unknown>[];
}

function coco(change: (coco: Coco) => void): Files {
  const value: Coco = {
    images: [0, 1].map((id) => ({ id, file_name: `${id}.jpg`, width: 120, height: 96 })),
    annotations: [0, 1].map((id) => ({ id, image_id: id, category_id: 1, bbox: [10, 20, 50, 60] })),
    categories: [
      { id: 1, name: 'cat' },
      { id: 2, name: 'dog' },
    ],
  };
  change(value);
  return { '0.jpg': jpegs[0], '1.jpg': jpegs[1], 'a.json': JSON.stringify(value) };
}

test('a label file is read whatever mark it begins with, and in other capitals than its picture', async () => {
  const files = yolo({
    'labels/b.txt': `\ufeff${LABEL.trim()}\r\n`,
    'images/C.JPG': jpegs[2],
    'labels/c.txt': LABEL,
  });
  assert.deepEqual((await imported(files)).objects, { cat: 3 });
});

test('a label that is wrong or has no picture of its own leaves out its picture, which is not taken for an empty one', async () => {
  const wrong = await imported(yolo({ 'images/c.jpg': jpegs[2], 'labels/c.txt': 'cat 0.5 0.5 0.25 0.5\n' }));
  assert.deepEqual(wrong.problems, [
    'labels/c.txt: line 1: class cat is none of the 2 that are named; name it or correct the line',
  ]);
  assert.equal(wrong.empty, 0);
  const lost = await imported(yolo({ 'labels/c.txt': LABEL, 'README.txt': 'how to 1 2 3' }));
  assert.deepEqual(lost.problems, [
    "labels/c.txt: no picture is named 'c'; add it, or remove the annotation",
  ]);
  const two = await imported(
    yolo({ 'images/c.jpg': jpegs[2], 'images/c.JPEG': jpegs[2], 'labels/c.txt': LABEL }),
  );
  assert.deepEqual(two.problems, [
    'labels/c.txt: could be of images/c.JPEG or images/c.jpg; keep one of them, or put it beside its own',
  ]);
  assert.equal(two.empty, 0);
});

test('pixels in place of shares, and shares in place of pixels, are refused', async () => {
  const pixels = '0 60 48 30 48\n';
  assert.deepEqual((await imported(yolo({ 'images/c.jpg': jpegs[2], 'labels/c.txt': pixels }))).problems, [
    "labels/c.txt: line 1: 60 is no share of the picture's width or height; expected 0 to 1: divide pixels by them",
  ]);
  await refused(
    yolo({ 'labels/a.txt': pixels, 'labels/b.txt': pixels }),
    /no picture with an object is left .*60 is no share/,
  );
  await refused(
    { 'a.jpg': jpegs[0], 'a.xml': xml('cat', [0.1, 0.2, 0.5, 0.6]) },
    /no picture with an object is left to import; 1 box of which the picture holds nothing.*: check whether/,
  );
});

test('class names become lines of their own; one that is empty or no text is refused', async () => {
  assert.deepEqual((await imported(yolo({}, 'names: [" cat\\n", dog]\n'))).objects, { cat: 2 });
  assert.deepEqual((await imported(yolo({}, 'names: ["ca\\nt", dog]\n'))).objects, { 'ca t': 2 });
  assert.deepEqual((await imported(yolo({}, 'names: [constructor, toString]\n'))).objects, {
    constructor: 2,
  });
  await refused(yolo({}, 'names: ["", dog]\n'), /2 objects are of a class whose name is empty/);
  await refused(yolo({}, 'names: [{name: cat}]\n'), /holds YOLO labels but no data\.yaml/);
  await refused(yolo({}, 'names: {0: cat, 400000000: dog}\n'), /holds YOLO labels but no data\.yaml/);
  const { 'data.yaml': _, ...nameless } = yolo({ 'labels/b.txt': '1 0.5 0.5 0.25 0.5\n' });
  assert.deepEqual((await imported(nameless, { classes: [' cat', 'dog '] })).objects, { cat: 1, dog: 1 });
});

test('a GIF, of which the first frame counts, and an AVIF are pictures as well', async () => {
  const bytes = 120 * 96 * 3;
  const blackThenWhite = sharp(Buffer.alloc(2 * bytes).fill(255, bytes), {
    raw: { width: 120, height: 192, channels: 3, pageHeight: 96 },
  });
  const { folder: year, ...report } = await imported({
    'data.yaml': 'names: [cat]\n',
    'a.gif': await blackThenWhite.gif().toBuffer(),
    'a.txt': LABEL,
    'b.avif': await sharp(jpegs[1]).avif().toBuffer(),
    'b.txt': LABEL,
  });
  assert.deepEqual(
    [report.objects, report.placed, report.remarks],
    [{ cat: 2 }, { linked: 2, copied: 0, rewritten: 0 }, []],
  );
  const { data, width, height } = await readPicture(openDevkit(year!).item('a').imagePath);
  assert.deepEqual([width, height, data[0]], [120, 96, 0]);
});

test('what lists say and is not done is said: no picture, unknown ones, one of two lists', async () => {
  const voc = (lists: Readonly<Record<string, string>>): Files => ({
    ...Object.fromEntries(['a', 'b', 'c'].map((id, index) => [`JPEGImages/${id}.jpg`, jpegs[index]])),
    ...Object.fromEntries(['a', 'b', 'c'].map((id) => [`Annotations/${id}.xml`, xml('cat', BOX)])),
    ...Object.fromEntries(Object.entries(lists).map(([list, text]) => [`ImageSets/Main/${list}.txt`, text])),
  });
  const parted = await imported(voc({ test: '', train: 'a\nb\nd\n', val: 'b\nc\n' }));
  assert.deepEqual([parted.lists, parted.drawn], [{ train: 2, val: 1 }, false]);
  assert.deepEqual(parted.remarks, [
    'ImageSets/Main/test.txt: names no picture',
    "ImageSets/Main/train.txt: no picture is imported for 1 of its 3 lines, such as 'd'",
    'ImageSets/Main/val.txt: the picture stays in another list for 1 of its 2 lines, such as JPEGImages/b.jpg in train',
  ]);
  const alike = await imported(voc({ train: 'a\nb\nc\n', val: 'c\n' }));
  assert.equal(alike.drawn, true);
  assert.equal(
    alike.remarks.at(-1),
    "the source's lists (train 3 of 3 pictures) don't divide the pictures and are not used",
  );

  const { remarks } = await imported(
    yolo(
      { 'train.txt': 'images/a.jpg\nimages/d.jpg\n', 'val.txt': 'images/b.jpg\nimages/a.jpg\n' },
      'names: [cat, dog]\ntrain: train.txt\nval: val.txt\ntest: test.txt\n',
    ),
  );
  assert.deepEqual(remarks.slice(0, 3), [
    "train.txt: no picture is imported for 1 of its 2 lines, such as 'images/d.jpg'",
    'val.txt: the picture stays in another list for 1 of its 2 lines, such as images/a.jpg in train',
    'the YAML file names lists without a picture: test',
  ]);
  const nothing = JSON.stringify({ images: [], annotations: [], categories: [] });
  assert.equal(
    (await imported({ ...coco(() => {}), 'val.json': nothing })).remarks[0],
    'val.json: names no picture',
  );
});

test('classes that are chosen do not rename those that the labels number', async () => {
  const files = yolo({ 'images/c.jpg': jpegs[2], 'labels/c.txt': '1 0.5 0.5 0.25 0.5\n' });
  assert.deepEqual((await imported(files, { classes: ['dog'] })).objects, { dog: 1 });
});

test('a polygon of any number of points gives its box', async () => {
  const points = Array.from({ length: 150_000 }, (_, index) => (index === 0 ? '0.25 0.25' : '0.5 0.75'));
  const { folder: year } = await imported(yolo({ 'labels/a.txt': `0 ${points.join(' ')}\n` }));
  const [{ box }] = (await openDevkit(year!).readAnnotation('a')).objects;
  assert.deepEqual(box, { left: 30, top: 24, right: 60, bottom: 72 });
});

test('what is no file is said or passed over, and links to folders are followed once', async () => {
  const { from, to } = await source(yolo({ 'labels/c.txt': '', 'images/c.jpg': jpegs[2] }));
  await rm(join(from, 'labels/c.txt'));
  await symlink('c.txt', join(from, 'labels/c.txt'));
  const elsewhere = join(folder, 'elsewhere');
  await mkdir(elsewhere);
  await writeFile(join(elsewhere, 'd.jpg'), jpegs[2]);
  await writeFile(join(elsewhere, 'd.txt'), LABEL);
  for (const [target, name] of [
    [elsewhere, 'more'],
    ['more', 'again'],
    ['..', 'up'],
    ['/', 'top'],
  ]) {
    await symlink(target, join(from, name));
  }
  const report = await importData(from, { to, fix: true });
  assert.deepEqual(report.problems, [
    { file: 'labels/c.txt', problem: "can't be read (ELOOP); check what lies there and its permission" },
  ]);
  assert.deepEqual(report.objects, { cat: 3 });
});

test('an XML file beside two pictures of its name is of the one that it names; XML of others is no annotation', async () => {
  const files = { 'a.jpg': jpegs[0], 'a.jpeg': jpegs[1], 'a.xml': xml('cat', BOX, 'C:\\pictures\\a.jpg') };
  const { objects, problems } = await imported({ ...files, 'pom.xml': '<annotationProcessor/>' });
  assert.deepEqual([objects, problems], [{ cat: 1 }, []]);
});

test('COCO: an annotation that can not be meant leaves out its picture, other oddities do not', async () => {
  const { problems, objects, empty, remarks } = await imported(
    coco(({ annotations, images }) => {
      annotations[0].bbox = null;
      images[1].width = 0;
      images[1].height = null;
    }),
  );
  assert.deepEqual(problems, [
    'a.json: annotations.0: has no bbox of four numbers and no polygon; export it with boxes',
  ]);
  assert.deepEqual(
    [objects, empty, remarks],
    [{ cat: 1 }, 0, ['classes without an object are left out: dog']],
  );
  const twice = (part: 'images' | 'categories') =>
    coco((value) => {
      for (const one of value[part]) one.id = 1;
    });
  await refused(twice('images'), /a\.json: two of its images have the id 1; export it again$/);
  await refused(twice('categories'), /a\.json: two of its categories have the id 1; export it again$/);
  await refused(
    coco((value) => Reflect.deleteProperty(value, 'categories')),
    /is not COCO's: categories is missing;/,
  );
});
