import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type BackendInfo, initBackend } from '../backend/backend';
import { type Dataset, loadDataset } from '../data/dataset';
import { findSource } from '../data/findDevkits';
import { writeScenesDevkit } from '../data/scene/writeScenesDevkit';
import { Detector } from '../model/detector';
import { cachedFeatures } from './features';
import { PLAIN_VIEW, type ViewsConfig } from './views';

let backend: BackendInfo;
let folder: string;
let data: Dataset;
let cacheBefore: string | undefined;

before(async () => {
  backend = await initBackend();
  folder = await mkdtemp(join(tmpdir(), 'features-'));
  cacheBefore = process.env.YOLOV1_CACHE;
  process.env.YOLOV1_CACHE = join(folder, 'cache');
  await writeScenesDevkit(join(folder, 'data'), { train: 3, val: 1 });
  data = await loadDataset([findSource('Scenes/train', { dataFolder: join(folder, 'data') })]);
});

after(async () => {
  if (cacheBefore === undefined) {
    delete process.env.YOLOV1_CACHE;
  } else {
    process.env.YOLOV1_CACHE = cacheBefore;
  }
  await rm(folder, { recursive: true });
});

/** Whether features were computed, not read. */
async function computes(seed: number, views: ViewsConfig): Promise<boolean> {
  let computed = false;
  const detector = new Detector({
    backbone: 'resnet18',
    head: 'convolutional',
    inputSize: 64,
    gridSize: 2,
    predictors: 1,
    classes: data.classes,
  });
  detector.initialise(0);
  const of = { detector, weights: 'the same', backend, data, views, seed };
  const features = await cachedFeatures(of, () => {
    computed = true;
  });
  await features.close();
  detector.dispose();
  return computed;
}

test('features of the plain pictures are computed once for all seeds', async () => {
  assert.equal(await computes(0, PLAIN_VIEW), true);
  assert.equal(await computes(1, PLAIN_VIEW), false);
});

test('features of random crops belong to their seed', async () => {
  assert.equal(await computes(0, { flip: false, crops: 1 }), true);
  assert.equal(await computes(0, { flip: false, crops: 1 }), false);
  assert.equal(await computes(1, { flip: false, crops: 1 }), true);
});
