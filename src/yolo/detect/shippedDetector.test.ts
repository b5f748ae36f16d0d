import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { UserError } from '../core/errors';
import { loadDataset } from '../data/dataset';
import { findDevkits, findSource } from '../data/findDevkits';
import { generateScene } from '../data/scene/scene';
import { detectionTable } from '../eval/table/detectionTable';
import { groundTruthTable } from '../eval/table/groundTruthTable';
import { evaluateVoc } from '../eval/voc';
import { loadDetector } from './detectorFolder';
import { SHIPPED, shippedDetector } from './shippedDetector';

test('a package without its detector says so and what to do', async () => {
  const models = await mkdtemp(join(tmpdir(), 'models-'));
  assert.throws(
    () => shippedDetector(models),
    (error: Error) =>
      error instanceof UserError &&
      error.message.startsWith(`${join(models, SHIPPED)}: the detector of the package is missing; give`),
  );
  await rm(models, { recursive: true });
});

test('without a folder the detector of the package is loaded, with its card beside it', async () => {
  assert.ok(existsSync(join(shippedDetector(), 'README.md')));
  const detector = await loadDetector();
  assert.ok(detector.classes.includes('person'));
  assert.ok(detector.scoreCut > 0.1 && detector.scoreCut < 0.9);
  detector.dispose();
});

test('it finds what is in photographs that it was not trained on', async (t) => {
  const { dataFolder, yearFolders } = findDevkits();
  if (!yearFolders.some((folder) => folder.endsWith('VOC2012'))) {
    t.skip(`no VOC2012 in ${dataFolder}; set YOLOV1_DATA to see the detector of the package on photographs`);
    return;
  }
  const { items, classes } = await loadDataset([findSource('VOC2012/val')]);
  const some = items.filter((_, place) => place % 16 === 0);
  const detector = await loadDetector();
  const found = await detector.detectAll(
    some.map(({ imagePath }) => imagePath),
    { scoreThreshold: 0.005 },
  );
  detector.dispose();
  const truth = groundTruthTable(some, classes);
  const pictures = some.map(({ key }, place) => ({ key, detections: found[place] }));
  // Of all 861 pictures it is .54; of 25 it depends on which.
  assert.ok(evaluateVoc(detectionTable(truth.index, pictures), truth).map > 0.4);
});

test('whatever it is shown, boxes lie within the picture, the surest first, and no tensor is left', async () => {
  const detector = await loadDetector();
  const held = tf.memory().numTensors;
  const { picture } = await generateScene('shown', { width: 200, height: 120 });
  const found = await detector.detect(picture, { scoreThreshold: 0.005 });
  assert.ok(found.length > 0);
  found.forEach(({ box, score }, place) => {
    assert.ok(box.left >= 0 && box.top >= 0 && box.right <= 200 && box.bottom <= 120);
    assert.ok(place === 0 || found[place - 1].score >= score);
  });
  assert.equal(tf.memory().numTensors, held);
  detector.dispose();
});
