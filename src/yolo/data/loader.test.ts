import assert from 'node:assert/strict';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { UserError } from '../core/errors';
import { initBackend } from '../tensor/backend';
import { CROP_EXPAND_AUGMENTATION, planAugmentation } from './augment/augment';
import { type Dataset, loadDataset } from './dataset';
import { drawInputAside } from './input/inputPool';
import { toInput } from './input/toInput';
import { type Batch, Loader, type LoaderOptions } from './loader';
import { readPicture } from './picture/picture';
import { writeScenesDevkit } from './scene/writeScenesDevkit';

let folder: string;
let dataset: Dataset;
const augmented: LoaderOptions = {
  size: 32,
  batchSize: 3,
  seed: 5,
  shuffle: true,
  plan: (item, random, items) =>
    planAugmentation({ ...CROP_EXPAND_AUGMENTATION, mosaic: 0.5 }, item, random, items),
};

before(async () => {
  await initBackend();
  folder = await mkdtemp(join(tmpdir(), 'loader-'));
  const year = await writeScenesDevkit(folder, { train: 8, val: 1, seed: 3 });
  dataset = await loadDataset([{ folder: year, split: 'train' }]);
});
after(() => rm(folder, { recursive: true }));

/** All batches of an epoch as plain values. */
async function take(
  batches: AsyncIterable<Batch>,
): Promise<{ keys: unknown; pixels: number[]; objects: unknown }[]> {
  const taken = [];
  for await (const { keys, images, objects } of batches) {
    taken.push({ keys, pixels: [...images.dataSync()], objects });
    images.dispose();
  }
  return taken;
}

test('an epoch without shuffling is the data set in its order, the last batch what is left', async () => {
  const loader = new Loader(dataset.items, { size: 32, batchSize: 3 });
  const keys: string[][] = [];
  for await (const batch of loader.epoch(0)) {
    assert.deepEqual(batch.images.shape, [batch.keys.length, 32, 32, 3]);
    assert.equal(batch.images.dtype, 'float32');
    assert.equal(batch.objects.length, batch.keys.length);
    keys.push([...batch.keys]);
    batch.images.dispose();
  }
  assert.deepEqual(
    keys.map((batch) => batch.length),
    [3, 3, 2],
  );
  assert.deepEqual(
    keys.flat(),
    dataset.items.map(({ key }) => key),
  );
});

test('pixels are those of the picture, boxes those of the annotation over its size', async () => {
  const [item] = dataset.items;
  const [batch] = await take(new Loader([item], { size: 32, batchSize: 1 }).epoch(0));
  assert.deepEqual(batch.pixels, [...toInput(await readPicture(item.imagePath), 32)]);
  const { width, height, objects } = item.annotation;
  const { box } = objects[0];
  const [[read]] = batch.objects as [typeof objects];
  assert.equal(read.name, objects[0].name);
  assert.ok(Math.abs(read.box.left - box.left / width) < 1e-12);
  assert.ok(Math.abs(read.box.bottom - box.bottom / height) < 1e-12);
});

test('equal seeds give equal epochs, other epochs and seeds give others', async () => {
  const first = await take(new Loader(dataset.items, augmented).epoch(2));
  assert.deepEqual(await take(new Loader(dataset.items, augmented).epoch(2)), first);
  const order = (batches: { keys: unknown }[]) => JSON.stringify(batches.map(({ keys }) => keys));
  assert.notEqual(order(await take(new Loader(dataset.items, augmented).epoch(3))), order(first));
  assert.notEqual(
    order(await take(new Loader(dataset.items, { ...augmented, seed: 6 }).epoch(2))),
    order(first),
  );
  assert.deepEqual(
    (first.flatMap(({ keys }) => keys) as string[]).sort(),
    dataset.items.map(({ key }) => key),
  );
});

test('an epoch goes on from any batch as if it had not stopped', async () => {
  const whole = await take(new Loader(dataset.items, augmented).epoch(4));
  assert.deepEqual(await take(new Loader(dataset.items, augmented).epoch(4, 1)), whole.slice(1));
  assert.deepEqual(await take(new Loader(dataset.items, augmented).epoch(4, 3)), []);
});

test('the last batch is left out if that is asked for', async () => {
  const loader = new Loader(dataset.items, { size: 16, batchSize: 3, dropLast: true });
  assert.equal(loader.batchesPerEpoch, 2);
  assert.equal((await take(loader.epoch(0))).length, 2);
  assert.equal(new Loader(dataset.items, { size: 16, batchSize: 3 }).batchesPerEpoch, 3);
});

test('boxes stay within the input whatever the augmentation', async () => {
  const loader = new Loader(dataset.items, augmented);
  for (const { objects } of [...(await take(loader.epoch(0))), ...(await take(loader.epoch(1)))]) {
    for (const { box } of (objects as { box: Record<string, number> }[][]).flat()) {
      assert.ok(box.left >= 0 && box.top >= 0 && box.right <= 1 && box.bottom <= 1, JSON.stringify(box));
      assert.ok(box.left < box.right && box.top < box.bottom, JSON.stringify(box));
    }
  }
});

test('no tensor is left behind, also by a loop that is left early', async () => {
  const before = tf.memory().numTensors;
  const loader = new Loader(dataset.items, { size: 32, batchSize: 2, readAhead: 3 });
  await take(loader.epoch(0));
  for await (const { images } of loader.epoch(1)) {
    images.dispose();
    break;
  }
  assert.equal(tf.memory().numTensors, before);
});

test('a broken picture is named when its batch is due, those before it are delivered', async () => {
  const year = await writeScenesDevkit(folder, { train: 6, val: 1, seed: 4, year: 'Broken' });
  const { items } = await loadDataset([{ folder: year, split: 'train' }]);
  await truncate(items[4].imagePath, 3000);
  const seen: string[] = [];
  await assert.rejects(
    async () => {
      for await (const { keys, images } of new Loader(items, { size: 16, batchSize: 2 }).epoch(0)) {
        seen.push(...keys);
        images.dispose();
      }
    },
    (error: Error) => {
      assert.ok(error instanceof UserError);
      assert.equal(
        error.message,
        `${items[4].imagePath}: is damaged or cut off (its data end early); fetch the picture again or take it out of its list`,
      );
      return true;
    },
  );
  assert.deepEqual(seen, ['Broken/000001', 'Broken/000002', 'Broken/000003', 'Broken/000004']);
});

test('an annotation of another size than its picture is refused', async () => {
  const [item] = dataset.items;
  const wrong = { ...item, annotation: { ...item.annotation, width: 1234 } };
  const { width, height } = item.annotation;
  await assert.rejects(take(new Loader([wrong], { size: 16, batchSize: 1 }).epoch(0)), (error: Error) => {
    assert.ok(error instanceof UserError);
    assert.equal(
      error.message,
      `${item.annotationPath}: says 1234 x ${height}, but the picture is ${width} x ${height}; correct <size> and check the boxes`,
    );
    return true;
  });
});

test('a bug in a decoding thread comes back as an error, and the thread goes on', async () => {
  await assert.rejects(
    drawInputAside({ size: 1e9, tiles: [] }),
    (error: Error) => !(error instanceof UserError),
  );
  assert.equal((await drawInputAside({ size: 2, tiles: [] })).length, 12);
});

test('a picture that is cut off within its header is refused in the loader too', async () => {
  const path = join(folder, 'png.jpg');
  await writeFile(path, Buffer.from('89504e470d0a1a0a', 'hex'));
  const whole = { left: 0, top: 0, right: 1, bottom: 1 };
  await assert.rejects(
    drawInputAside({ size: 4, tiles: [{ imagePath: path, window: whole, place: whole, flip: false }] }),
    UserError,
  );
});

test('a plan of a picture that the loader does not have is refused by name', async () => {
  const plan: LoaderOptions['plan'] = () => ({
    tiles: [
      {
        key: 'VOC1999/x',
        window: { left: 0, top: 0, right: 1, bottom: 1 },
        place: { left: 0, top: 0, right: 1, bottom: 1 },
        flip: false,
      },
    ],
  });
  await assert.rejects(
    take(new Loader(dataset.items, { size: 8, batchSize: 1, plan }).epoch(0)),
    /^UserError: plan: drew the picture 'VOC1999\/x', expected one of the loader's items$/,
  );
});

test('impossible options name the option, what came and what was expected', () => {
  const { items } = dataset;
  assert.throws(
    () => new Loader(items, { size: 0, batchSize: 1 }),
    /^UserError: Loader: options\.size is 0, expected a whole number above 0$/,
  );
  assert.throws(
    () => new Loader(items, { size: 8, batchSize: 1.5 }),
    /^UserError: Loader: options\.batchSize is 1\.5, expected a whole number/,
  );
  assert.throws(
    () => new Loader([], { size: 8, batchSize: 1 }),
    /^UserError: Loader: items is \[\], expected a list of one or more annotated pictures/,
  );
});
