import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadDataset } from '../../data/dataset';
import { findSource } from '../../data/findDevkits';
import { type ExperimentOverrides, resolveConfig } from '../config/config';
import { scenesFolder } from '../fixtures/scenesFolder';
import { SCENES_RUN } from '../fixtures/scenesRun';
import { inputSizeOf, loaderOf } from './pictureBatches';

const scenes = scenesFolder('picture-batches-', { train: 6, val: 2 });

const RUN: ExperimentOverrides = {
  ...SCENES_RUN,
  trainable: 'all',
  epochs: 4,
  inputSizes: [
    [32, 1],
    [64, 2],
    [96, 1],
  ],
};

test('every epoch has its size, and mosaics end before the last ones', async () => {
  const config = resolveConfig({ ...RUN, augmentation: { fit: 'stretch', mosaic: 1 }, mosaicFreeEpochs: 2 });
  assert.deepEqual(
    [0, 1, 2, 3].map((epoch) => inputSizeOf(config, epoch)),
    [32, 64, 64, 96],
  );
  assert.equal(inputSizeOf(resolveConfig({ ...RUN, inputSizes: null }), 3), 64);
  const { dataFolder } = scenes.places('any');
  const { items } = await loadDataset([findSource('Scenes/train', { dataFolder })]);
  const objects: number[] = [];
  for (const epoch of [0, 3]) {
    for await (const batch of loaderOf(items, config, epoch).epoch(epoch)) {
      const side = inputSizeOf(config, epoch);
      assert.deepEqual(batch.images.shape, [4, side, side, 3]);
      objects.push(batch.objects.flat().length);
      batch.images.dispose();
    }
  }
  const [withMosaic, without] = objects;
  assert.ok(withMosaic > 1.5 * without, `${withMosaic} objects against ${without}`);
});

test('what does not go together is refused with the field and what to do', () => {
  const wrong: [Partial<ExperimentOverrides>, RegExp][] = [
    [{ inputSizes: [[32, 3]] }, /inputSizes is \[\[32,3\]\], 3 epochs; expected epochs, 4/],
    [{ inputSizes: [[32, 1.5]] }, /inputSizes\.0\.1 is 1\.5, expected a whole number above 0/],
    [
      {
        inputSizes: [
          [64, 3],
          [100, 1],
        ],
      },
      /expected multiples of 32 pixels, the stride of resnet18/,
    ],
    [
      {
        inputSizes: [
          [64, 3],
          [96, 1],
        ],
        model: { ...RUN.model, head: 'fullyConnected' },
      },
      /expected only the model's inputSize, 64, which a fully connected head needs/,
    ],
    [{ inputSizes: '32:4' as never }, /expected \[pixels, epochs\] pairs/],
    [
      { trainable: 'head', inputSizes: null, frozenPrefix: 'layer1' },
      /frozenPrefix is given where only the head is trained/,
    ],
    [{ warmUpEpochs: 1, warmUpSteps: 3 }, /warmUpEpochs and warmUpSteps are both given/],
    [{ warmUpEpochs: 0.5 }, /warmUpEpochs is 0.5, expected a whole number/],
    [
      { loss: { kind: 'taskAligned' } },
      /'taskAligned' is for a model without objectness; set model.objectness to false/,
    ],
  ];
  for (const [changes, message] of wrong) {
    assert.throws(() => resolveConfig({ ...RUN, ...changes }), message);
  }
  const without = { ...RUN.model, head: 'decoupled', objectness: false } as const;
  assert.throws(() => resolveConfig({ ...RUN, model: without }), /'sigmoid' is for a model with objectness/);
  assert.throws(
    () => resolveConfig({ ...RUN, model: without, loss: { kind: 'taskAligned' }, confidenceBias: -4 }),
    /confidenceBias is -4, but the model has no objectness/,
  );
});
