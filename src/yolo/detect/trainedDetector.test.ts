// runs on both backends
import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import sharp from 'sharp';
import { UserError } from '../core/errors';
import { encodePicture } from '../data/picture/encodePicture';
import type { Picture } from '../data/picture/picture';
import { generateScene } from '../data/scene/scene';
import { codingOf } from '../grid/coding';
import { Detector } from '../model/detector';
import { initBackend } from '../tensor/backend';
import type { NamedDetection } from './detectInputs';
import { loadDetector, saveDetector } from './detectorFolder';
import { TrainedDetector } from './trainedDetector';

/** Everything counts, so that an untrained network finds something. */
const ALL = { scoreThreshold: 0 };

let folder: string;
let trained: TrainedDetector;
let scenes: Picture[];

before(async () => {
  await initBackend();
  folder = await mkdtemp(join(tmpdir(), 'trained-detector-'));
  const detector = new Detector({
    backbone: 'resnet18',
    head: 'convolutional',
    inputSize: 64,
    gridSize: 2,
    predictors: 1,
    classes: ['disc', 'box'],
    headWidth: 8,
  });
  detector.initialise(1);
  await saveDetector(join(folder, 'run'), detector, codingOf('sigmoid'));
  trained = new TrainedDetector(detector, codingOf('sigmoid'));
  const sizes = [
    { width: 96, height: 64 },
    { width: 50, height: 120 },
  ];
  scenes = [];
  for (const [index, size] of sizes.entries()) {
    scenes.push((await generateScene(`scene ${index}`, size)).picture);
  }
});

after(async () => {
  trained.dispose();
  await rm(folder, { recursive: true });
});

function assertClose(found: readonly NamedDetection[], expected: readonly NamedDetection[]): void {
  assert.equal(found.length, expected.length);
  found.forEach(({ name, score, box }, index) => {
    assert.equal(name, expected[index].name);
    assert.ok(Math.abs(score - expected[index].score) < 1e-5);
    for (const edge of ['left', 'top', 'right', 'bottom'] as const) {
      assert.ok(Math.abs(box[edge] - expected[index].box[edge]) < 1e-2, `${edge} of ${name}`);
    }
  });
}

test('a path, a PNG in memory and decoded pixels are the same picture', async () => {
  const png = await encodePicture(scenes[0], 'png');
  await writeFile(join(folder, 'scene.png'), png);
  const expected = await trained.detect(scenes[0], ALL);
  assert.ok(expected.length > 0);
  assertClose(await trained.detect(png, ALL), expected);
  assertClose(await trained.detect(join(folder, 'scene.png'), ALL), expected);
});

test('detections come by descending score, with class names, in pixels of the picture', async () => {
  for (const picture of scenes) {
    const found = await trained.detect(picture, ALL);
    assert.ok(found.length > 0);
    found.forEach(({ box, score, name, classIndex }, index) => {
      assert.equal(name, ['disc', 'box'][classIndex]);
      assert.ok(index === 0 || score <= found[index - 1].score);
      assert.ok(box.left >= 0 && box.top >= 0 && box.right <= picture.width && box.bottom <= picture.height);
    });
  }
});

test('a batch gives what its pictures give alone, in their order, over more than one forward pass', async () => {
  const alone = [await trained.detect(scenes[0], ALL), await trained.detect(scenes[1], ALL)];
  const many = Array.from({ length: 11 }, (_, index) => scenes[index % 2]);
  const together = await trained.detectAll(many, ALL);
  assert.equal(together.length, 11);
  together.forEach((found, index) => {
    assertClose(found, alone[index % 2]);
  });
  assert.deepEqual(await trained.detectAll([]), []);
});

test('with flip a mirrored picture has the mirrored detections, and what is found in both is joined', async () => {
  const { data, width, height } = scenes[0];
  const flopped = await sharp(data, { raw: { width, height, channels: 3 } })
    .flop()
    .raw()
    .toBuffer();
  const mirrored: Picture = { ...scenes[0], data: new Uint8Array(flopped) };
  const held = tf.memory().numTensors;
  const flipped = { ...ALL, flip: true, iouThreshold: 1 };
  const found = await trained.detect(scenes[0], flipped);
  assert.equal(tf.memory().numTensors, held);
  assert.equal(found.length, 2 * (await trained.detect(scenes[0], { ...ALL, iouThreshold: 1 })).length);
  const seen = (await trained.detect(mirrored, flipped)).map(({ box, ...rest }) => ({
    ...rest,
    box: { ...box, left: width - box.right, right: width - box.left },
  }));
  assertClose(seen, found);
});

test('an EXIF orientation is followed: boxes are those of the upright picture', async () => {
  const { data, width, height } = scenes[0];
  const stored = sharp(data, { raw: { width, height, channels: 3 } });
  // Orientation 8: to be turned by 90 degrees against the clock when shown, so it is stored turned the other way.
  const turned = await stored.rotate(90).withMetadata({ orientation: 8 }).png().toBuffer();
  assert.equal((await sharp(turned).metadata()).width, height);
  assertClose(await trained.detect(turned, ALL), await trained.detect(scenes[0], ALL));
});

test('nothing below the score threshold is returned, by default .25', async () => {
  const all = await trained.detect(scenes[0], ALL);
  const middle = all[Math.floor(all.length / 2)].score;
  const above = await trained.detect(scenes[0], { scoreThreshold: middle });
  assert.ok(above.length < all.length && above.every(({ score }) => score > middle));
  assert.ok((await trained.detect(scenes[0])).every(({ score }) => score > 0.25));
});

test('a picture that is missing, damaged or of another format is one line that names it', async () => {
  const held = tf.memory().numTensors;
  await assert.rejects(trained.detect(join(folder, 'none.jpg')), (error: Error) => {
    assert.ok(error instanceof UserError);
    assert.match(error.message, /none\.jpg/);
    return !error.message.includes('\n');
  });
  const damaged = (await encodePicture(scenes[0], 'jpeg')).subarray(0, 300);
  await assert.rejects(trained.detectAll([scenes[0], damaged]), /picture 2 of 2/);
  await assert.rejects(trained.detect(Buffer.from('GIF89a and no more')), UserError);
  assert.equal(tf.memory().numTensors, held);
});

test('a saved network finds what it found before, and gives back its tensors', async () => {
  const held = tf.memory().numTensors;
  const loaded = await loadDetector(join(folder, 'run'));
  assert.deepEqual(loaded.classes, ['disc', 'box']);
  assertClose(await loaded.detect(scenes[0], ALL), await trained.detect(scenes[0], ALL));
  loaded.dispose();
  assert.equal(tf.memory().numTensors, held);
});

test('a folder without a network, or with a damaged one, says what to do', async () => {
  const held = tf.memory().numTensors;
  await assert.rejects(
    loadDetector(join(folder, 'nothing')),
    /no such file; expected the folder of a finished run/,
  );
  await writeFile(join(folder, 'record.json'), '{}');
  await assert.rejects(loadDetector(folder), /a run's record, without its weights/);
  const copy = join(folder, 'copy');
  await cp(join(folder, 'run'), copy, { recursive: true });
  const weights = join(copy, 'weights.safetensors');
  await truncate(weights, 1000);
  await assert.rejects(loadDetector(copy), UserError);
  const spec = join(copy, 'detector.json');
  const text = await readFile(spec, 'utf8');
  for (const broken of [text.slice(0, 40), text.replace('"format": 1', '"format": 9'), '[]', 'null']) {
    await writeFile(spec, broken);
    await assert.rejects(loadDetector(copy), /detector\.json: damaged \(.*\); train the run again/);
  }
  const { hash: _, ...values } = JSON.parse(text);
  const wrong: [object, RegExp][] = [
    [{ spec: { ...values.spec, head: 'convolutionl' } }, /spec\.head is .*; did you mean 'convolutional'\?/],
    [
      { spec: { ...values.spec, predictors: 1e9 } },
      /spec\.predictors is 1000000000, expected a whole number, at/,
    ],
    [{ spec: { ...values.spec, classes: 'cat' } }, /spec\.classes is 'cat', expected a list of class names/],
    [
      { coding: { box: 'sigmoid', classes: 'tanh' } },
      /coding\.classes is 'tanh', expected linear, softmax or/,
    ],
    [{ extra: 1 }, /unknown field 'extra'/],
  ];
  for (const [changes, message] of wrong) {
    await writeFile(spec, JSON.stringify({ ...values, ...changes }));
    await assert.rejects(
      loadDetector(copy),
      (error) => error instanceof UserError && message.test(error.message),
    );
  }
  assert.equal(tf.memory().numTensors, held);
});
