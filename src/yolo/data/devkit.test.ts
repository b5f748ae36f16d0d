import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
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
    userError(/twice\.txt: line 3: id '000001' stands in line 1 already; remove/),
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

/** A copy of the year under another name. */
async function copy(name: string): Promise<string> {
  const target = join(folder, name);
  await cp(year, target, { recursive: true });
  return target;
}

test('pictures of other formats and endings in capitals are found by their id', async () => {
  const other = await copy('Endings');
  for (const [id, ending] of [
    ['000001', 'JPG'],
    ['000002', 'jpeg'],
    ['000003', 'png'],
    ['000004', 'WebP'],
  ]) {
    await rename(join(other, 'JPEGImages', `${id}.jpg`), join(other, 'JPEGImages', `${id}.${ending}`));
    assert.equal(openDevkit(other).item(id).imagePath, join(other, 'JPEGImages', `${id}.${ending}`));
  }
  await writeFile(join(other, 'JPEGImages', '000001.png'), '');
  assert.throws(
    () => openDevkit(other).item('000001'),
    userError(/000001\.JPG: is not the only file of '000001', there is 000001\.png as well; keep one/),
  );
});

test('any file name is an id: spaces, brackets, dots, other scripts, a number behind a space', async () => {
  const names = ['IMG (0)', 'my photo 1', 'a_jpg.rf.0a1b', 'кот_é', "it's 50 %, #1"];
  const other = await copy('Names');
  for (const [index, name] of names.entries()) {
    const id = `00000${index + 1}`;
    await rename(join(other, 'JPEGImages', `${id}.jpg`), join(other, 'JPEGImages', `${name}.jpg`));
    await rename(join(other, 'Annotations', `${id}.xml`), join(other, 'Annotations', `${name}.xml`));
  }
  const lists = join(other, 'ImageSets', 'Main');
  await writeFile(join(lists, 'train.txt'), `${names.join('\n')}\n`);
  await writeFile(join(lists, 'star_train.txt'), names.map((name) => `${name} -1\n`).join(''));
  await writeFile(join(lists, 'utf16.txt'), Buffer.from(`\uFEFF${names.join('\r\n')}`, 'utf16le'));
  // As macOS stores names: letters and their accents apart.
  await writeFile(join(lists, 'apart.txt'), names.map((name) => `${name.normalize('NFD')}\n`).join(''));
  await writeFile(join(lists, 'endings.txt'), names.map((name) => `${name}.jpg\n`).join(''));
  const devkit = openDevkit(other);
  for (const list of ['train', 'star_train', 'utf16', 'endings'])
    assert.deepEqual(devkit.readIds(list), names, list);
  assert.ok(devkit.classLists.includes('star_train'));
  const [apart] = devkit.readIds('apart').slice(3);
  assert.equal(devkit.item(apart).imagePath, join(other, 'JPEGImages', 'кот_é.jpg'));
  assert.equal((await devkit.readAnnotation(apart)).width, (await devkit.readAnnotation('кот_é')).width);
});

test('a list is one of a class only if it says so in every line', async () => {
  const other = await copy('Lists');
  const lists = join(other, 'ImageSets', 'Main');
  await writeFile(join(lists, 'mini_train.txt'), '000001\n000002\n');
  await writeFile(join(lists, 'star_mini_train.txt'), '000001  1\n000002 -1\n');
  await writeFile(join(lists, 'dog_val.txt'), '000005 1\n');
  await writeFile(join(lists, 'hot_dog_val.txt'), '000005 1\n');
  const devkit = openDevkit(other);
  assert.deepEqual(devkit.splits, ['mini_train', 'train', 'trainval', 'val']);
  assert.deepEqual(devkit.classes, [...SCENE_CLASSES, 'dog', 'hot_dog'].sort());
});

test('classes.txt names the classes in its order, and errors say what was assumed', async () => {
  const other = await copy('Classes');
  await writeFile(join(other, 'classes.txt'), 'star\r\nheart\r\n\r\ncircle\r\n');
  assert.deepEqual(openDevkit(other).classes, ['star', 'heart', 'circle']);
  await writeFile(join(other, 'classes.txt'), 'star\nstar\n');
  assert.throws(() => openDevkit(other), userError(/classes\.txt: names 'star' twice; remove one/));
  await rm(join(other, 'classes.txt'));
  for (const name of await readdir(join(other, 'ImageSets', 'Main'))) {
    if (name.includes('_')) await rm(join(other, 'ImageSets', 'Main', name));
  }
  const devkit = openDevkit(other);
  assert.equal(devkit.namesClasses, false);
  await assert.rejects(
    devkit.readAnnotation('000001'),
    userError(
      /since the folder names no classes and VOC's are assumed, write those of this data to .*classes\.txt/,
    ),
  );
});

test('annotations in UTF-16 and in the encoding that they declare are read', async () => {
  const other = await copy('Encodings');
  const file = join(other, 'Annotations', '000001.xml');
  const xml = await readFile(file, 'utf8');
  const expected = await openDevkit(other).readAnnotation('000001');
  for (const bytes of [
    Buffer.from(`\uFEFF${xml}`, 'utf16le'),
    Buffer.from(
      `<?xml version="1.0" encoding="windows-1252"?>${xml.replace('<folder>', '<folder>é')}`,
      'latin1',
    ),
  ]) {
    await writeFile(file, bytes);
    assert.deepEqual(await openDevkit(other).readAnnotation('000001'), expected);
  }
});
