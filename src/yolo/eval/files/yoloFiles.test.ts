import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { UserError } from '../../core/errors';
import { encodePicture } from '../../data/picture/encodePicture';
import { evaluateVoc } from '../voc';
import { readYoloResults, readYoloTruth } from './yoloFiles';

let root: string;
let picture: Buffer;
let folders = 0;
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'yolo-files-'));
  picture = await encodePicture({ data: new Uint8Array(200 * 100 * 3), width: 200, height: 100 });
});
after(() => rm(root, { recursive: true }));

/** A folder of its own with these files. */
async function folderOf(files: Record<string, string | Buffer>): Promise<string> {
  const folder = join(root, String(folders++));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

const NAMES = 'names: [cat, dog]\ntrain: ../train/images\nval: ../valid/images\n';
const truthFiles = () => ({
  'data.yaml': NAMES,
  'train/images/t.png': picture,
  'train/labels/t.txt': '0 .5 .5 .1 .1\n',
  'valid/images/a.png': picture,
  'valid/labels/a.txt': '1 .25 .5 .5 .5\n0 .1 .1 .1 .1\n',
  'valid/images/b.png': picture,
});

test('detections in shares are judged against labels in shares; a picture without a file has neither', async () => {
  const truth = await readYoloTruth(await folderOf(truthFiles()), 'val');
  assert.deepEqual(truth.groundTruth.index.keys, ['valid/images/a.png', 'valid/images/b.png']);
  // The cat, then the dog, in pixels of 200 x 100.
  assert.deepEqual(
    [...truth.groundTruth.boxes].map((edge) => Math.round(edge * 1e6) / 1e6),
    [10, 5, 30, 15, 0, 25, 100, 75],
  );
  const found = await folderOf({
    'labels/a.txt': '1 .25 .5 .5 .5 .9\r\n0 .8 .8 .1 .1 .7\n',
    'labels/b.txt': '1 .5 .5 .2 .2 .95\n',
    'classes.txt': 'cat\ndog\n',
  });
  const { detections, warnings } = await readYoloResults(found, truth);
  assert.equal(detections.length, 3);
  assert.match(warnings.join(), /1 picture has no label file/);
  const { classes, map } = evaluateVoc(detections, truth.groundTruth);
  // The dog is found behind a wrong one, the cat is not.
  assert.deepEqual(
    classes.map(({ name, objects, ap }) => [name, objects, ap]),
    [
      ['cat', 1, 0],
      ['dog', 1, 0.5],
    ],
  );
  assert.equal(map, 0.25);
});

test('a folder without lists is one, and its names may come from classes.txt', async () => {
  const folder = await folderOf({ 'classes.txt': 'cat\n', 'a.png': picture, 'a.txt': '0 .5 .5 .1 .1\n' });
  const truth = await readYoloTruth(folder);
  assert.equal(truth.groundTruth.length, 1);
  const polygon = await folderOf({ 'a.txt': '0 .45 .45 .55 .45 .55 .55 .45 .55 .8\n' });
  const { detections } = await readYoloResults(polygon, truth);
  assert.equal(evaluateVoc(detections, truth.groundTruth).map, 1);
});

test('what is wrong is said with the file and what to do', async () => {
  const truths: [Record<string, string | Buffer>, string | undefined, RegExp][] = [
    [truthFiles(), undefined, /holds several lists; give one with --split: train, val$/],
    [truthFiles(), 'test', /has no list 'test'; give one with --split: train, val$/],
    [{ 'a.png': picture }, undefined, /holds no YOLO labels beside pictures/],
    [{ ...truthFiles(), 'valid/labels/a.txt': '2 .5 .5 .1 .1' }, 'val', /a\.txt: line 1: class 2 is none of/],
    [{ ...truthFiles(), 'valid/labels/a.txt': '1 .5 .5 0 .1' }, 'val', /a\.txt: a 'dog' has a box without/],
    [{ ...truthFiles(), 'valid/images/more/a.jpg': picture }, 'val', /have the same name, which detections/],
    [{ ...truthFiles(), 'data.yaml': 'names: [cat, cat]' }, 'val', /two classes are named 'cat'/],
  ];
  for (const [files, list, message] of truths)
    await refused(readYoloTruth(await folderOf(files), list), message);
  const truth = await readYoloTruth(await folderOf(truthFiles()), 'val');
  const results: [Record<string, string>, RegExp][] = [
    [{}, /can't be listed/],
    [{ 'note.md': '' }, /holds no text files/],
    [{ 'a.txt': '1 .25 .5 .5 .5' }, /a\.txt: line 1: has 5 numbers, expected 6 \(.*confidence\)/],
    [{ 'a.txt': '1 .25 .5 .5 .5 high' }, /a\.txt: line 1: .* holds something else than numbers/],
    [{ 'a.txt': '1 .25 .5 -.5 .5 .9' }, /a\.txt: a 'dog' has a box without an area/],
    [{ 't.txt': '' }, /t\.txt: the ground truth has no picture named 't'/],
    [{ 'a.txt': '', 'more/a.txt': '' }, /a\.txt: is of the same picture as .*a\.txt; remove one/],
  ];
  for (const [files, message] of results)
    await refused(readYoloResults(await folderOf(files), truth), message);
});

async function refused(call: Promise<unknown>, message: RegExp): Promise<void> {
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof UserError, (error as Error).stack);
    assert.match(error.message, message);
    return true;
  });
}
