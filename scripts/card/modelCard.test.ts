import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { MODELS, SHIPPED } from '../../src/yolo/detect/shippedDetector';
import { readRunRecord } from '../../src/yolo/record/readRunRecord';
import type { ExperimentResult } from '../../src/yolo/record/runRecord';
import { modelCard, type NetworkEvaluation } from './modelCard';

const RUNS = join(__dirname, '..', '..', 'report', 'runs');
const record = {
  name: 'best',
  profile: 'mini',
  config: { epochs: 3, limit: null, model: { head: 'decoupled' } },
  data: {
    train: { parts: ['VOC2012/train'], pictures: 12, fingerprint: 'abc' },
    evaluate: { parts: ['VOC2007/val', 'VOC2012/val'], pictures: 5, fingerprint: 'def' },
  },
  weights: { source: 'resnet18.safetensors', fingerprint: '123' },
};
const classes = [
  { name: 'cat', objects: 4, detections: 9, ap: 0.61 },
  { name: 'dog', objects: 3, detections: 9, ap: 0.5 },
];
const run = {
  record,
  evaluation: {
    epochs: [],
    heldOut: { pictures: 2, epoch: 3, map: 0.7, scoreCut: { score: 0.3125, precision: 0.8, recall: 0.6 } },
    final: { pictures: 5, pooled: { map: 0.555, classes }, years: {}, interval: { low: 0.4, high: 0.7 } },
  },
} as unknown as ExperimentResult;
const evaluation: NetworkEvaluation = {
  map: 0.5549,
  ap: { cat: 0.6098, dog: 0.5 },
  n: { cat: 4, dog: 3 },
  pictures: 5,
  coco: { ap: 0.3, ap75: 0.29 },
  years: { VOC2007: { map: 0.5, pictures: 2 } },
  scoreCut: 0.3125,
  confusion: [
    [2, 1, 1],
    [0, 3, 0],
    [0, 5, 0],
  ],
  errors: { correct: 0.5, background: 0.25 },
  speed: { seconds: 1.5, backend: 'tensorflow 2 on cpu', cores: 2, load: 0.1 },
};

test('a card has the numbers of the record and of the network as it is passed on', () => {
  const card = modelCard('small', 12.84, run, evaluation);
  for (const words of [
    /^# small$/m,
    /12\.8 MB/,
    /mAP at IoU \.5 is \*\*0\.5549\*\* over 5 photographs .*; 0\.5550 before rounding, with a 95 % interval of 0\.4000 to 0\.7000/,
    /0\.5000 on VOC2007 \(2\)/,
    /^\| cat \| 4 \| 0\.6098 \| 0\.6100 \|$/m,
    /12 photographs .*2 of them were held out: they chose the network of epoch 3, .* shown, 0\.313, where precision was 80\.0 % and recall 60\.0 %/,
    /^\| `model\.head` \| `"decoupled"` \|$/m,
    /correct 50\.0 %, background 25\.0 %/,
    /misses 1 of 7 objects, and 5 detections lie on nothing/,
    /Most often taken for another: cat for dog \(1 of 4\)\./,
    /^300 ms a photograph .* load before it began was 0\.1\.$/m,
    /^## What it must not be used for$/m,
    /^## Licence$/m,
  ]) {
    assert.match(card, words);
  }
  assert.doesNotMatch(card, /undefined|NaN|null/);
});

test('a record and an evaluation of other pictures make no card', () => {
  assert.throws(
    () => modelCard('small', 1, run, { ...evaluation, pictures: 6 }),
    /the evaluation is of 6 pictures, the record of best of 5 .*; evaluate the network on VOC2007\/val and VOC2012\/val/,
  );
  assert.throws(
    () => modelCard('small', 1, run, { ...evaluation, n: { cat: 4, dog: 2 } }),
    /evaluate the network on/,
  );
});

test('the card of the detector that comes with the package is what its record and evaluation say', async (t) => {
  const folder = join(MODELS, SHIPPED);
  if (!existsSync(folder)) {
    t.skip(`${folder} is not there`);
    return;
  }
  const card = await readFile(join(folder, 'README.md'), 'utf8');
  const [, name] = /the run `([^`]+)`/.exec(card)!;
  const { size } = await stat(join(folder, 'weights.safetensors'));
  const stored = JSON.parse(await readFile(join(folder, 'evaluation.json'), 'utf8'));
  assert.equal(card, modelCard(SHIPPED, size / 1e6, await readRunRecord(join(RUNS, name)), stored));
});
