import assert from 'node:assert/strict';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { UserError } from '../core/errors';
import { VOC_CLASSES } from './classes';
import { openDevkit } from './devkit';
import { SCENE_CLASSES } from './scene/shapes';
import { writeScenesDevkit } from './scene/writeScenesDevkit';

let folder: string;
let year: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devkit-'));
  year = await writeScenesDevkit(folder, { train: 4, val: 2, seed: 1 });
});
after(() => rm(folder, { recursive: true }));

function list(name: string): string {
  return join(year, 'ImageSets', 'Main', name);
}

function userError(message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof UserError, `${error}`);
    assert.match(error.message, message);
    return true;
  };
}

test('opens a year: its lists, its classes, its pictures', async () => {
  const devkit = openDevkit(year);
  assert.equal(devkit.year, 'Scenes');
  assert.deepEqual(devkit.splits, ['train', 'trainval', 'val']);
  assert.deepEqual(devkit.classes, SCENE_CLASSES);
  assert.deepEqual(devkit.readIds('val'), ['000005', '000006']);
  assert.deepEqual(devkit.item('000005'), {
    key: 'Scenes/000005',
    id: '000005',
    year: 'Scenes',
    imagePath: join(year, 'JPEGImages', '000005.jpg'),
    annotationPath: join(year, 'Annotations', '000005.xml'),
  });
  assert.equal((await devkit.readAnnotation('000005')).id, '000005');
});

test('lists of single classes have a second column, which is no id', () => {
  const devkit = openDevkit(year);
  assert.ok(devkit.classLists.includes('star_train'));
  assert.deepEqual(devkit.readIds('star_train'), devkit.readIds('train'));
});

test("without class lists the classes are VOC's, given ones come first", async () => {
  const bare = join(folder, 'Bare');
  await cp(year, bare, { recursive: true });
  for (const name of openDevkit(year).classLists) await rm(join(bare, 'ImageSets', 'Main', `${name}.txt`));
  assert.deepEqual(openDevkit(bare).classes, VOC_CLASSES);
  assert.deepEqual(openDevkit(bare, { classes: ['a', 'b'] }).classes, ['a', 'b']);
  await assert.rejects(
    openDevkit(bare).readAnnotation('000001'),
    userError(/000001\.xml: object 1 is of the unknown class/),
  );
});

test('line endings of Windows, a byte order mark and empty lines are no ids', async () => {
  await writeFile(list('windows.txt'), '\uFEFF000002\r\n\r\n000001 \r\n');
  assert.deepEqual(openDevkit(year).readIds('windows'), ['000002', '000001']);
  await rm(list('windows.txt'));
});

test('a wrong data path says what is expected there', async () => {
  assert.throws(
    () => openDevkit(join(folder, 'VOC1999')),
    userError(/VOC1999: no such folder; expected one year of a VOC devkit, such as data\/VOCdevkit\/VOC2012/),
  );
  // The folder that holds the years, instead of one of them.
  assert.throws(() => openDevkit(folder), userError(/ImageSets[/\\]Main: no such folder; expected one year/));
  await writeFile(join(folder, 'file'), '');
  assert.throws(() => openDevkit(join(folder, 'file')), userError(/file: no such folder/));
});

test('a missing list names the lists that are there', () => {
  assert.throws(
    () => openDevkit(year).readIds('test'),
    userError(/test\.txt: no such id list; its lists are train, trainval, val$/),
  );
});

test('an empty list, an id twice and an id that climbs out are refused with their line', async () => {
  await writeFile(list('empty.txt'), '\n  \n');
  await writeFile(list('twice.txt'), '000001\n000002\n000001\n');
  await writeFile(list('climb.txt'), '../../etc/passwd\n');
  const devkit = openDevkit(year);
  assert.throws(
    () => devkit.readIds('empty'),
    userError(/empty\.txt: the id list is empty; expected one picture id/),
  );
  assert.throws(
    () => devkit.readIds('twice'),
    userError(/twice\.txt: line 3: id '000001' stands here twice; remove/),
  );
  assert.throws(() => devkit.readIds('climb'), userError(/climb\.txt: line 1: '\.\.\/.*' is no picture id/));
  for (const name of ['empty', 'twice', 'climb']) await rm(list(`${name}.txt`));
});

test('a missing annotation names file and id', async () => {
  await assert.rejects(
    openDevkit(year).readAnnotation('999999'),
    userError(/999999\.xml: no such annotation; add it or take '999999' out of its list$/),
  );
});
