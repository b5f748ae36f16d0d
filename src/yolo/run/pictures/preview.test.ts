import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { type Dataset, loadDataset } from '../../data/dataset';
import { denormalise } from '../../data/input/normalise';
import { writeScenesDevkit } from '../../data/scene/writeScenesDevkit';
import { Detector } from '../../model/detector';
import { initBackend } from '../../tensor/backend';
import { type ExperimentOverrides, resolveConfig } from '../config/config';
import { makeLoss } from '../config/lossConfig';
import { SCENES_RUN } from '../fixtures/scenesRun';
import { prepareTraining } from '../training';
import { previewInputs } from './preview';

let folder: string;
let data: Dataset;

before(async () => {
  await initBackend();
  folder = await mkdtemp(join(tmpdir(), 'preview-'));
  const year = await writeScenesDevkit(folder, { train: 8, val: 1 });
  data = await loadDataset([{ folder: year, split: 'train' }]);
});
after(() => rm(folder, { recursive: true }));

const config = (changes: Partial<ExperimentOverrides>) =>
  resolveConfig({
    ...SCENES_RUN,
    seed: 3,
    ...changes,
  });

test('what is drawn as epoch 2 is what the training sees in its second epoch, mosaics included', async () => {
  const held = tf.memory().numTensors;
  const changes = config({
    trainable: 'all',
    augmentation: {
      fit: 'letterbox',
      flip: 0.5,
      shift: 0.2,
      mosaic: 0.5,
      hsv: { exposure: 1.5, saturation: 1.5 },
    },
  });
  const rows = await previewInputs({ config: changes, data, pictures: 4, draws: 2, size: 64 });
  assert.deepEqual(
    rows.map((row) => row.map(({ title }) => title)),
    ['1', '3', '5', '7'].map((id) =>
      ['as it is', 'epoch 1', 'epoch 2'].map((form) => `Scenes/00000${id}, ${form}`),
    ),
  );
  const detector = new Detector({ ...changes.model, classes: data.classes });
  detector.initialise(0);
  const training = await prepareTraining({
    config: changes,
    detector,
    loss: makeLoss(changes.loss),
    backend: await initBackend(),
    backbone: '',
    train: data,
    evaluate: data,
  });
  let found = 0;
  for await (const { keys, images, objects } of training.batches(1, 0)) {
    for (const [index, key] of keys.entries()) {
      const drawn = rows.map((row) => row[2]).find(({ title }) => title.startsWith(`${key},`));
      if (!drawn) continue;
      found += 1;
      const seen = tf.tidy(() => images.slice(index, 1).dataSync());
      assert.deepEqual(new Uint8Array(denormalise(seen)), drawn.picture.data);
      assert.deepEqual(
        objects[index].map(({ name, box }) => [name, 64 * box.left, 64 * box.bottom]),
        drawn.boxes.map(({ name, box }) => [name, box.left, box.bottom]),
      );
    }
    images.dispose();
  }
  assert.equal(found, 4);
  await training.close();
  detector.dispose();
  assert.equal(tf.memory().numTensors, held);
});

test('of a frozen backbone the views are drawn whose features are kept', async () => {
  const of = { data, pictures: 1, draws: 5, size: 32 };
  const [flipped] = await previewInputs({ ...of, config: config({ views: { flip: true, crops: 0 } }) });
  assert.deepEqual(
    flipped.map(({ title }) => title),
    ['Scenes/000001, as it is', 'Scenes/000001, view 2'],
  );
  const [plain, mirrored] = flipped.map(({ boxes }) => boxes[0].box);
  assert.ok(Math.abs(plain.left + mirrored.right - 32) < 1e-9);
  const [all] = await previewInputs({ ...of, config: config({ views: { flip: true, crops: 4 } }) });
  assert.equal(all.length, 6);
});
