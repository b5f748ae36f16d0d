import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { UserError } from '../../core/errors';
import { evaluateCoco } from '../coco/coco';
import { evaluateVoc } from '../voc';
import { readCocoResults, readCocoTruth } from './cocoFiles';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coco-files-'));
});
after(() => rm(folder, { recursive: true }));

const TRUTH = {
  images: [
    { id: 9, file_name: 'b.jpg', width: 100, height: 100 },
    { id: 139, file_name: 'a.jpg', width: 100, height: 100 },
  ],
  categories: [
    { id: 18, name: 'dog' },
    { id: 3, name: 'cat' },
  ],
  annotations: [
    { id: 1, image_id: 9, category_id: 18, bbox: [10, 10, 20, 20], iscrowd: 0 },
    { id: 2, image_id: 139, category_id: 3, bbox: [0, 0, 50, 50], iscrowd: 0 },
    { id: 3, image_id: 139, category_id: 3, bbox: [50, 50, 50, 50], iscrowd: 1 },
  ],
};
const result = (image_id: unknown, category_id: unknown, bbox: unknown, score: unknown = 0.5) => ({
  ...{ image_id, category_id, bbox, score },
});

async function file(name: string, value: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof value === 'string' ? value : JSON.stringify(value));
  return path;
}

test('ground truth and detections of COCO are judged by both rules; crowds are not counted', async () => {
  const truth = await readCocoTruth(await file('truth.json', TRUTH));
  const found = [
    result(9, 18, [10, 10, 20, 20]),
    result(139, 3, [0, 0, 50, 50]),
    result(139, 3, [50, 50, 50, 50], 0.9),
  ];
  const { detections, warnings } = await readCocoResults(await file('found.json', found), truth);
  assert.deepEqual(warnings, []);
  const { map, classes } = evaluateVoc(detections, truth.groundTruth);
  assert.equal(map, 1);
  assert.deepEqual(
    classes.map(({ name, objects }) => [name, objects]),
    [
      ['dog', 1],
      ['cat', 1],
    ],
  );
  assert.equal(evaluateCoco(detections, truth.groundTruth).ap, 1);
});

test('files that are wrong are refused in words', async () => {
  const truth = await readCocoTruth(await file('truth.json', TRUTH));
  const wrongResults: [unknown, RegExp][] = [
    ['no JSON', /can't be read as JSON/],
    [{}, /the whole is Object, expected Array; expected a list of image_id/],
    [[result(9, 18, [1, 2, 3])], /0\.bbox is 3, expected 4/],
    [[result(9, 18, [1, 2, 3, 4], 'high')], /0\.score is "high", expected number/],
    [[result(1, 18, [1, 2, 3, 4])], /result 1 is of image 1, which the ground truth lacks/],
    [[result(9, 1, [1, 2, 3, 4])], /result 1 is of category 1, which the ground truth lacks/],
    [[result(9, 18, [1, 2, 0, 4])], /result 1 has the box '1 2 0 4', expected left, top, width/],
  ];
  for (const [value, message] of wrongResults) {
    await refused(readCocoResults(await file('wrong.json', value), truth), message);
  }
  const wrongTruths: [unknown, RegExp][] = [
    [{ ...TRUTH, categories: [] }, /category 18 is not among the categories; correct it \(and 2 more\)/],
    [
      { ...TRUTH, images: [TRUTH.images[0], { ...TRUTH.images[1], file_name: 'b.jpg' }] },
      /image entries are named 'b\.jpg'/,
    ],
    [
      { ...TRUTH, annotations: [{ ...TRUTH.annotations[0], bbox: [1, 1, 0, 5] }] },
      /a 'dog' in b\.jpg has a box without an area/,
    ],
    [[], /is not COCO's/],
  ];
  for (const [value, message] of wrongTruths)
    await refused(readCocoTruth(await file('wrong.json', value)), message);
  await refused(readCocoTruth(join(folder, 'none.json')), /none\.json: can't be read as JSON \(ENOENT/);
});

async function refused(call: Promise<unknown>, message: RegExp): Promise<void> {
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof UserError, `${error}`);
    assert.match(error.message, message);
    return true;
  });
}
