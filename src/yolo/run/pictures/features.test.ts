import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { loadDataset } from '../../data/dataset';
import { findSource } from '../../data/findDevkits';
import { Detector } from '../../model/detector';
import { type BackendInfo, initBackend } from '../../tensor/backend';
import { PLAIN_VIEW, type ViewsConfig } from '../config/views';
import { scenesFolder } from '../fixtures/scenesFolder';
import { cachedFeatures } from './features';

let backend: BackendInfo;
const scenes = scenesFolder('features-', { train: 3, val: 1 });

before(async () => {
  backend = await initBackend();
});

/** Whether features were computed, not read. */
async function computes(seed: number, views: ViewsConfig): Promise<boolean> {
  const data = await loadDataset([findSource('Scenes/train', { dataFolder: scenes.at('data') })]);
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
