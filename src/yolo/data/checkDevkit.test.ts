import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { UserError } from '../core/errors';
import { checkDevkit } from './checkDevkit';
import { writeScenesDevkit } from './scene/writeScenesDevkit';

let folder: string;
let year: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'check-'));
  year = await writeScenesDevkit(folder, { train: 6, val: 2, seed: 7 });
});
after(() => rm(folder, { recursive: true }));

test('a right devkit has no finding, and its objects are counted', async () => {
  const { findings, lists, pictures, objects } = await checkDevkit(year);
  assert.deepEqual(findings, []);
  assert.deepEqual(lists, { train: 6, trainval: 8, val: 2 });
  assert.equal(pictures, 8);
  const xml = await Promise.all(
    Array.from({ length: 8 }, (_, i) => readFile(join(year, 'Annotations', `00000${i + 1}.xml`), 'utf8')),
  );
  assert.equal(
    Object.values(objects).reduce((sum, count) => sum + count),
    xml.join('').split('<object>').length - 1,
  );
});

test('everything that is wrong is found at once, with file and lists', async () => {
  const edit = async (id: string, from: string | RegExp, to: string) => {
    const file = join(year, 'Annotations', `${id}.xml`);
    await writeFile(file, (await readFile(file, 'utf8')).replace(from, to));
  };
  await edit('000001', '</annotation>', '');
  await edit('000002', /<name>\w+/, '<name>hexagon');
  await edit('000003', '<width>', '<width>1');
  await rm(join(year, 'Annotations', '000004.xml'));
  await rm(join(year, 'JPEGImages', '000005.jpg'));
  await truncate(join(year, 'JPEGImages', '000006.jpg'), 2000);
  await writeFile(join(year, 'JPEGImages', '000007.jpg'), 'text');
  await writeFile(join(year, 'ImageSets', 'Main', 'val.txt'), '000007\n000007\n');

  const { findings } = await checkDevkit(year);
  assert.deepEqual(
    findings.map(({ lists, file }) => [lists.join(' '), file]),
    [
      ['val', 'ImageSets/Main/val.txt'],
      ['train trainval', 'Annotations/000001.xml'],
      ['train trainval', 'Annotations/000002.xml'],
      ['train trainval', 'Annotations/000003.xml'],
      ['train trainval', 'Annotations/000004.xml'],
      ['train trainval', 'JPEGImages/000005.jpg'],
      ['train trainval', 'JPEGImages/000006.jpg'],
      ['trainval', 'JPEGImages/000007.jpg'],
    ],
  );
  const problems = findings.map(({ problem }) => problem);
  assert.match(problems[0], /^line 2: id '000007' stands in line 1 already; remove/);
  assert.match(problems[1], /^not well-formed XML/);
  assert.match(problems[2], /^object 1 is of the unknown class 'hexagon'/);
  assert.match(problems[3], /^says 1\d+ x \d+, but the picture is \d+ x \d+; correct <size>/);
  assert.match(problems[4], /^no such annotation; /);
  assert.match(problems[5], /^no such picture; /);
  assert.match(problems[6], /^is damaged or cut off \(.*\); /);
  assert.match(
    problems[7],
    /^can't be read as a picture; expected a JPEG, PNG, WebP, BMP, TIFF, GIF or AVIF$/,
  );
});

test('lists that share pictures though one is trained on and the other evaluated on, and an empty one, are a line each', async () => {
  const shared = await writeScenesDevkit(folder, { train: 2, val: 2, year: 'Shared' });
  const list = (name: string, text: string) =>
    writeFile(join(shared, 'ImageSets', 'Main', `${name}.txt`), text);
  await list('val', '000002\n000003\n000004\n');
  await list('test', '000003\n');
  await list('train2017', '');
  const { findings } = await checkDevkit(shared);
  const taken = 'take them out of one of the two: what is trained on is not evaluated on';
  assert.deepEqual(findings, [
    {
      lists: ['train2017'],
      file: 'ImageSets/Main/train2017.txt',
      problem: 'the id list is empty; expected one picture id a line, such as 2007_000032',
    },
    {
      lists: ['trainval', 'test'],
      file: 'ImageSets/Main/test.txt',
      problem: `names 1 of the pictures of 'trainval' (000003); ${taken}`,
    },
    {
      lists: ['train', 'val'],
      file: 'ImageSets/Main/val.txt',
      problem: `names 1 of the pictures of 'train' (000002); ${taken}`,
    },
  ]);
});

test('a folder that is no year is an error, one without lists a finding', async () => {
  await assert.rejects(checkDevkit(folder), UserError);
  const bare = await writeScenesDevkit(folder, { train: 1, val: 1, year: 'Bare' });
  await rm(join(bare, 'ImageSets', 'Main'), { recursive: true });
  await assert.rejects(checkDevkit(bare), /Main: no such folder/);
});
