import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SCENE_CLASSES } from '../../data/scene/shapes';
import { resolveConfig } from '../config/config';
import { scenesFolder } from '../fixtures/scenesFolder';
import { SCENES_RUN } from '../fixtures/scenesRun';
import { readInputs } from './inputs';

const scenes = scenesFolder('inputs-', { train: 3, val: 2 });
const read = (classes?: readonly string[]) =>
  readInputs(resolveConfig({ ...SCENES_RUN, ...(classes ? { classes } : {}) }), scenes.places());

test('classes of the configuration take the place of those of the data, and decide the key', async () => {
  const plain = await read();
  assert.deepEqual(plain.train.classes, SCENE_CLASSES);
  const reversed = [...SCENE_CLASSES].reverse();
  const given = await read(reversed);
  assert.deepEqual([given.train.classes, given.evaluate.classes], [reversed, reversed]);
  assert.notEqual(given.identity.key, plain.identity.key);
  assert.notEqual(given.train.fingerprint, plain.train.fingerprint);
});

test('an object whose class the configuration does not name is an error that says where to add it', async () => {
  await assert.rejects(
    read(['dog']),
    /^UserError: .*\.xml: .*unknown class .*, or add the class to those that were given$/,
  );
});
