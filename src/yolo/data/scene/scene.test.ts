import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { UserError } from '../../core/errors';
import { area } from '../../grid/box';
import { checkDevkit } from '../checkDevkit';
import { openDevkit } from '../devkit';
import { findDevkits } from '../findDevkits';
import { readPicture } from '../picture/picture';
import { generateScene } from './scene';
import { drawScene } from './sceneDrawing';
import { SCENE_CLASSES } from './shapes';
import { writeScenesDevkit } from './writeScenesDevkit';

let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scenes-'));
});
after(() => rm(folder, { recursive: true }));

test('equal seeds give equal scenes, others give others', async () => {
  const [first, again, other] = [await generateScene(1), await generateScene(1), await generateScene(2)];
  assert.deepEqual(again, first);
  assert.notDeepEqual(other.picture, first.picture);
});

test('sizes are those asked for, else 300 to 400', async () => {
  const { picture, annotation } = await generateScene('a', { id: '000007', width: 64, height: 48 });
  assert.deepEqual([picture.width, picture.height, picture.data.length], [64, 48, 64 * 48 * 3]);
  assert.deepEqual([annotation.id, annotation.width, annotation.height], ['000007', 64, 48]);
  const free = (await generateScene('b')).picture;
  for (const side of [free.width, free.height]) assert.ok(side >= 300 && side <= 400, `${side}`);
});

test('objects lie in the picture, hide little of each other, and every class and size comes up', async () => {
  const names = new Set<string>();
  const shares: number[] = [];
  let difficult = 0;
  for (let seed = 0; seed < 60; seed++) {
    // Small: drawing the ground takes most of the time.
    const { annotation } = await generateScene(seed, { width: 90, height: 90 });
    const { objects } = annotation;
    assert.ok(objects.length >= 1 && objects.length <= 6);
    for (const [i, { name, box }] of objects.entries()) {
      names.add(name);
      shares.push(Math.sqrt(area(box)) / 90);
      assert.ok(Object.values(box).every(Number.isInteger));
      assert.ok(box.left >= 0 && box.top >= 0 && box.right <= 90 && box.bottom <= 90);
      for (const other of objects.slice(0, i)) {
        const width = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
        const height = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
        const shared = Math.max(0, width) * Math.max(0, height);
        assert.ok(shared <= 0.1501 * Math.min(area(box), area(other.box)));
      }
    }
    difficult += objects.filter((object) => object.difficult).length;
  }
  assert.deepEqual([...names].sort(), SCENE_CLASSES);
  assert.ok(Math.min(...shares) < 0.12 && Math.max(...shares) > 0.45, `${shares}`);
  assert.ok(difficult > 0 && difficult < 0.2 * shares.length, `${difficult} of ${shares.length}`);
});

test('boxes are tight: the pixels change inside a box up to its edges, and not beyond but for the shadow', async () => {
  let checked = 0;
  for (let seed = 0; checked < 8; seed++) {
    const [{ name, box }, second] = drawScene(seed).annotation.objects;
    // A star's corners fade out further than others do.
    if (second || name === 'star' || box.right - box.left < 60) continue;
    checked++;
    const { picture } = await generateScene(seed);
    // Vivid colours on muted ground: saturation tells the shape from ground and shadow.
    const vivid = (x: number, y: number) => {
      const rgb = picture.data.subarray((y * picture.width + x) * 3).subarray(0, 3);
      return Math.max(...rgb) - Math.min(...rgb) > 100;
    };
    const seen = { left: Infinity, top: Infinity, right: 0, bottom: 0 };
    for (let y = 0; y < picture.height; y++) {
      for (let x = 0; x < picture.width; x++) {
        if (!vivid(x, y)) continue;
        seen.left = Math.min(seen.left, x);
        seen.top = Math.min(seen.top, y);
        seen.right = Math.max(seen.right, x + 1);
        seen.bottom = Math.max(seen.bottom, y + 1);
      }
    }
    for (const edge of ['left', 'top', 'right', 'bottom'] as const) {
      // The rim is pale and sharp corners fade out: so much is no longer vivid.
      const faded = 2 + 0.06 * (box.right - box.left);
      assert.ok(Math.abs(seen[edge] - box[edge]) <= faded, `seed ${seed}: ${JSON.stringify({ seen, box })}`);
    }
  }
});

test('a devkit of scenes is a right devkit, with lists of its classes', async () => {
  const year = await writeScenesDevkit(folder, { train: 5, val: 3, seed: 9, year: 'VOC2030' });
  const { findings, lists, pictures } = await checkDevkit(year);
  assert.deepEqual(findings, []);
  assert.deepEqual([lists, pictures], [{ train: 5, trainval: 8, val: 3 }, 8]);
  const devkit = openDevkit(year);
  for (const name of SCENE_CLASSES) {
    const lines = (await readFile(join(year, 'ImageSets', 'Main', `${name}_val.txt`), 'utf8'))
      .trimEnd()
      .split('\n');
    assert.equal(lines.length, 3);
    for (const line of lines) {
      const [id, flag] = line.split(/ +/);
      const { objects } = await devkit.readAnnotation(id);
      assert.equal(flag, objects.some((object) => object.name === name) ? '1' : '-1');
    }
  }
  const scene = await generateScene('9/000001', { id: '000001' });
  assert.deepEqual(await devkit.readAnnotation('000001'), scene.annotation);
  const { width, height } = await readPicture(devkit.item('000001').imagePath);
  assert.deepEqual([width, height], [scene.picture.width, scene.picture.height]);
});

test('the same again is left alone, another number replaces it, nothing else is left behind', async () => {
  const place = join(folder, 'again');
  const year = await writeScenesDevkit(place, { train: 2, val: 1 });
  assert.equal(year, join(place, 'Scenes'));
  await writeFile(join(year, 'note.txt'), 'mine');
  await writeScenesDevkit(place, { train: 2, val: 1 });
  assert.ok(existsSync(join(year, 'note.txt')));
  await writeScenesDevkit(place, { train: 3, val: 1 });
  assert.ok(!existsSync(join(year, 'note.txt')));
  assert.equal(openDevkit(year).readIds('train').length, 3);
  assert.deepEqual(await readdir(place), ['Scenes']);
});

test('two at once end with one whole devkit', async () => {
  const place = join(folder, 'twice');
  const years = await Promise.all([1, 2, 3].map(() => writeScenesDevkit(place, { train: 2, val: 1 })));
  assert.equal(new Set(years).size, 1);
  assert.deepEqual((await checkDevkit(years[0])).findings, []);
  assert.deepEqual(await readdir(place), ['Scenes']);
});

test('a folder that was not generated is never replaced', async () => {
  const mine = join(folder, 'mine', 'VOC2012');
  await mkdir(mine, { recursive: true });
  await writeFile(join(mine, 'precious.txt'), 'data');
  await assert.rejects(
    writeScenesDevkit(join(folder, 'mine'), { train: 1, val: 1, year: 'VOC2012' }),
    (error: Error) => {
      assert.ok(error instanceof UserError);
      assert.equal(
        error.message,
        `${mine}: is there and was not generated; give another folder or move it away`,
      );
      return true;
    },
  );
  assert.equal(await readFile(join(mine, 'precious.txt'), 'utf8'), 'data');
});

test('a place that cannot be written is said in one line, and a half-written devkit is no year', async () => {
  await writeFile(join(folder, 'a-file'), '');
  await assert.rejects(writeScenesDevkit(join(folder, 'a-file'), { train: 1, val: 1 }), (error: Error) => {
    assert.ok(error instanceof UserError);
    assert.match(error.message, /Scenes: can't be written \(.*\); check space and permissions$/);
    return true;
  });
  const killed = join(folder, 'killed');
  await mkdir(join(killed, '.Scenes.0badcafe.partial', 'ImageSets', 'Main'), { recursive: true });
  assert.deepEqual(findDevkits({ dataFolder: killed }).yearFolders, []);
});

test('a side that is none is refused', async () => {
  await assert.rejects(generateScene(1, { width: 0 }), {
    name: 'UserError',
    message: 'generateScene: options.width is 0, expected a whole number above 0',
  });
});
