import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import sharp from 'sharp';
import { UserError } from '../../core/errors';
import { checkDevkit } from '../checkDevkit';
import { openDevkit } from '../devkit';
import { readPicture } from '../picture/picture';
import { CLASSES, type Example, LAYOUTS, makeExamples, writeLayout } from './fixtures/layouts';
import { type ImportOptions, importData } from './importData';

let folder: string;
let examples: Example[];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'import-'));
  examples = await makeExamples('import');
});
after(() => rm(folder, { recursive: true }));

let places = 0;

/** A new folder with a layout in it, and a name beside it for what is imported. */
async function source(name: string): Promise<{ from: string; to: string }> {
  const place = join(folder, `${name}-${places++}`);
  await writeLayout(join(place, 'source'), LAYOUTS[name](examples));
  return { from: join(place, 'source'), to: join(place, 'Year') };
}

/** Everything about a folder's files that a reader could see changed. */
async function stateOf(root: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(root, { recursive: true })).sort()) {
    const { mtimeMs, size, mode } = await stat(join(root, name));
    const isFile = (await stat(join(root, name))).isFile();
    hash.update(JSON.stringify([name, mtimeMs, isFile ? size : 0, mode]));
    if (isFile) hash.update(await readFile(join(root, name)));
  }
  return hash.digest('hex');
}

async function refused(call: Promise<unknown>, message: RegExp): Promise<void> {
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof UserError, `${error}`);
    assert.match(error.message, message);
    return true;
  });
}

for (const name of Object.keys(LAYOUTS)) {
  test(`${name}: every box and every list arrives, nothing is copied, the source stays as it was`, async () => {
    const { from, to } = await source(name);
    const before = await stateOf(from);
    const { ids, lists } = LAYOUTS[name](examples);
    const report = await importData(from, { to, fix: true });
    assert.equal(await stateOf(from), before);
    assert.deepEqual(report.problems, []);
    assert.equal(report.folder, to);
    assert.deepEqual(report.placed, { linked: ids.size, copied: 0, rewritten: 0 });
    assert.equal(report.empty, 1);
    assert.equal(report.drawn, lists === undefined);

    const { findings, classes, pictures } = await checkDevkit(to);
    assert.deepEqual(findings, []);
    assert.deepEqual(classes, CLASSES);
    assert.equal(pictures, ids.size);
    const devkit = openDevkit(to);
    for (const [list, expected] of Object.entries(lists ?? {})) {
      assert.deepEqual([...devkit.readIds(list)].sort(), [...expected].sort(), list);
    }
    if (!lists) assert.deepEqual([devkit.readIds('train').length, devkit.readIds('val').length], [6, 2]);
    for (const [id, { jpeg, objects }] of ids) {
      assert.deepEqual(await readFile(devkit.item(id).imagePath), jpeg);
      const { objects: read } = await devkit.readAnnotation(id);
      assert.equal(read.length, objects.length);
      for (const [index, { name: className, box }] of read.entries()) {
        assert.equal(className, objects[index].name);
        for (const edge of ['left', 'top', 'right', 'bottom'] as const) {
          assert.ok(Math.abs(box[edge] - objects[index].box[edge]) < 0.01, `${id} ${edge}`);
        }
      }
    }
  });
}

test('without lists they are drawn by a seed: the same again, other ones with another', async () => {
  const { from, to } = await source('LabelImg');
  const idsOf = async (options: Partial<ImportOptions>, year: string) => {
    await importData(from, { to: `${to}${year}`, ...options });
    return openDevkit(`${to}${year}`).readIds('val');
  };
  const first = await idsOf({}, '1');
  assert.deepEqual(await idsOf({ seed: 0 }, '2'), first);
  assert.notDeepEqual(await idsOf({ seed: 3 }, '3'), first);
  assert.equal((await idsOf({ val: 0.5 }, '4')).length, 4);
  await assert.rejects(importData(from, { to: `${to}5`, val: 1 }), /options\.val is 1, expected a share/);
});

test('copies that Roboflow made of one picture stay in one list', async () => {
  const { from, to } = await source('LabelImg');
  for (let index = 0; index < 8; index++) {
    for (const ending of ['jpg', 'xml']) {
      await rename(
        join(from, `IMG (${index}).${ending}`),
        join(from, `a${index >> 2}_jpg.rf.${index}.${ending}`),
      );
    }
  }
  await importData(from, { to });
  const val = openDevkit(to).readIds('val');
  assert.equal(val.length, 4);
  assert.equal(new Set(val.map((id) => id.slice(0, 2))).size, 1);
});

test('what is wrong stops the import until --fix, which mends what it can and names the rest', async () => {
  const { from, to } = await source('LabelImg');
  const edit = async (index: number, pattern: RegExp, to: string) => {
    const file = join(from, `IMG (${index}).xml`);
    await writeFile(file, (await readFile(file, 'utf8')).replace(pattern, to));
  };
  await edit(0, /<xmax>\d+/, '<xmax>131');
  await edit(1, /<xmin>(\d+)(.*?)<xmax>(\d+)/, '<xmin>$3$2<xmax>$1');
  await edit(2, /<xmin>\d+(.*?)<xmax>\d+/, '<xmin>7$1<xmax>7');
  await edit(3, /<size>.*<\/size>/, '');
  await edit(4, /<width>\d+/, '<width>77');
  await rm(join(from, 'IMG (5).jpg'));
  await rm(join(from, 'IMG (6).xml'));
  const dry = await importData(from, { to });
  assert.equal(dry.folder, undefined);
  assert.ok(!existsSync(to));
  const report = await importData(from, { to, fix: true });
  assert.deepEqual(dry.mended, report.mended);
  assert.deepEqual(report.mended, {
    clipped: ['IMG (0).xml'],
    swapped: ['IMG (1).xml'],
    dropped: ['IMG (2).xml'],
    size: ['IMG (3).xml'],
  });
  assert.deepEqual(
    report.problems.map(({ file }) => file),
    ['IMG (5).xml', 'IMG (4).jpg'],
  );
  assert.match(report.problems[0].problem, /^no picture is named 'IMG \(5\)'; add it, or remove/);
  assert.match(report.problems[1].problem, /says 77 x 96, but the picture is 120 x 96; correct <size>/);
  assert.match(report.remarks.join(), /1 picture has no annotation and is left out, such as IMG \(6\)\.jpg/);
  assert.deepEqual((await checkDevkit(to)).findings, []);
});

test('a set that counts pixels from 0 is recognised as a whole and moved', async () => {
  const { from, to } = await source('LabelImg');
  for (const [index, { objects }] of examples.entries()) {
    const file = join(from, `IMG (${index}).xml`);
    let object = 0;
    const xml = (await readFile(file, 'utf8')).replace(/<bndbox>.*?<\/bndbox>/g, () => {
      const { left, top, right, bottom } = objects[object++].box;
      return `<bndbox><xmin>${left}</xmin><ymin>${top}</ymin><xmax>${right - 1}</xmax><ymax>${bottom - 1}</ymax></bndbox>`;
    });
    await writeFile(file, xml);
  }
  const report = await importData(from, { to, fix: true });
  assert.deepEqual(Object.keys(report.mended), ['shifted']);
  for (const [index, { objects }] of examples.entries()) {
    assert.deepEqual((await openDevkit(to).readAnnotation(`IMG (${index})`)).objects, objects);
  }
});

test('classes can be chosen; a name that nothing is of is refused with the nearest', async () => {
  const { from, to } = await source('RoboflowCOCO');
  const report = await importData(from, { to, classes: ['dog'] });
  assert.deepEqual(Object.keys(report.objects), ['dog']);
  assert.match(report.remarks.join(), /left out, since --classes doesn't name them: \d+ of 'cat'/);
  assert.deepEqual(openDevkit(to).classes, ['dog']);
  await refused(
    importData(from, { to: `${to}2`, classes: ['dgo'] }),
    /no object is a 'dgo' \(nearest: 'dog'\); the data has cat, dog$/,
  );
  const yolo = await source('CVAT_YOLO');
  await rm(join(yolo.from, 'obj.names'));
  await refused(
    importData(yolo.from, { to: yolo.to }),
    /no data\.yaml, classes\.txt or obj\.names .*--classes$/,
  );
  assert.deepEqual(Object.keys((await importData(yolo.from, { to: yolo.to, classes: ['a', 'b'] })).objects), [
    'a',
    'b',
  ]);
});

test('pictures of one name in several folders get ids of their own', async () => {
  const { from, to } = await source('LabelImg');
  for (const part of ['one', 'two']) {
    await mkdir(join(from, 'nested', part), { recursive: true });
    for (const ending of ['jpg', 'xml'])
      await cp(join(from, `IMG (0).${ending}`), join(from, 'nested', part, `IMG (0).${ending}`));
  }
  const { lists } = await importData(from, { to });
  assert.equal(lists.train + lists.val, 10);
  const devkit = openDevkit(to);
  const ids = ['train', 'val'].flatMap((list) => devkit.readIds(list));
  for (const id of ['nested_one_IMG (0)', 'nested_two_IMG (0)']) assert.ok(ids.includes(id), ids.join());
});

test("an EXIF orientation is followed by size; where that can't tell it must be said", async () => {
  const { from, to } = await source('LabelImg');
  const turn = async (index: number, orientation: number) => {
    const file = join(from, `IMG (${index}).jpg`);
    await writeFile(
      file,
      await sharp(await readFile(file))
        .withMetadata({ orientation })
        .jpeg()
        .toBuffer(),
    );
    return file;
  };
  // The annotation has the size as it is stored.
  await turn(0, 6);
  const mirrored = await turn(1, 2);
  const report = await importData(from, { to });
  assert.deepEqual(
    report.problems.map(({ file }) => file),
    ['IMG (1).jpg'],
  );
  assert.match(report.problems[0].problem, /EXIF orientation 2.*--exif turned .* or --exif stored$/);
  for (const exif of ['turned', 'stored'] as const) {
    const year = `${to}-${exif}`;
    assert.deepEqual((await importData(from, { to: year, exif })).placed, {
      linked: 7,
      copied: 0,
      rewritten: 1,
    });
    assert.deepEqual((await checkDevkit(year)).findings, []);
    const [written, expected] = [
      await readPicture(openDevkit(year).item('IMG (1)').imagePath),
      await readPicture(mirrored, { orient: exif === 'turned' }),
    ];
    const difference = written.data.reduce((sum, value, at) => sum + Math.abs(value - expected.data[at]), 0);
    assert.ok(difference / written.data.length < 4, exif);
  }
});

test('targets that are there or lie in the source, and sources of no or several kinds, are refused', async () => {
  const { from, to } = await source('LabelImg');
  await refused(importData(from, { to: from }), /is there already; give another folder/);
  await refused(importData(from, { to: join(from, 'Year') }), /lies within the source, which is not touched/);
  await refused(importData(join(folder, 'none'), { to }), /none: can't be listed \(ENOENT\)/);
  const archive = join(folder, 'set.zip');
  await writeFile(archive, 'PK');
  await refused(importData(archive, { to }), /set\.zip: a file, expected the folder of a data set; unpack/);
  const empty = join(folder, 'empty');
  await mkdir(empty);
  await refused(
    importData(empty, { to }),
    /holds no annotations that are known \(0 files, 0 of them pictures\)/,
  );
  await writeLayout(from, { ...LAYOUTS.CVAT_YOLO(examples) });
  await refused(
    importData(from, { to }),
    /Pascal VOC annotations \(8\) and YOLO labels \(8\); say which .*--from voc or --from yolo$/,
  );
  assert.match((await importData(from, { to, from: 'yolo' })).recognised, /^YOLO labels in 8 files/);
});

test('a folder of any layout that is given as a year is told the import to run', async () => {
  for (const name of ['LabelImg', 'COCO', 'RoboflowYOLO']) {
    const { from } = await source(name);
    assert.throws(
      () => openDevkit(from),
      /expected one year .*It holds .*yolov1 data import .*source --to data\/MyYear'$/,
    );
  }
});
