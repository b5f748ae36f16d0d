// runs on both backends
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import type { AnnotatedItem, Dataset } from '../../data/dataset';
import { codingOf } from '../../grid/coding';
import { initBackend } from '../../tensor/backend';
import type { EpochEvaluation } from './evaluation';
import { EvaluationPass } from './evaluationPass';

before(async () => {
  await initBackend();
});

type Edges = [left: number, top: number, right: number, bottom: number];

/** A picture of 100 x 100 pixels with objects of the one class. */
function item(id: string, ...boxes: { edges: Edges; difficult?: boolean }[]): AnnotatedItem {
  const objects = boxes.map(({ edges: [left, top, right, bottom], difficult = false }) => ({
    name: 'cat',
    difficult,
    box: { left, top, right, bottom },
  }));
  return {
    key: `Year/${id}`,
    id,
    year: 'Year',
    imagePath: '',
    annotationPath: '',
    annotation: { id, width: 100, height: 100, objects },
    pictureHash: '',
  };
}

/** Two cells a side, two predictors, one class, coded as the original does: everything linear and of the picture. */
async function pass(items: AnnotatedItem[], cells: Record<number, number[][]>[]): Promise<EvaluationPass> {
  const data: Dataset = { items, classes: ['cat'], fingerprint: '' };
  const made = new EvaluationPass(data, codingOf('picture'));
  const rows = cells.flatMap((ofPicture) =>
    Array.from({ length: 4 }, (_, cell) => {
      const [one = [0, 0, 0, 0, 0], two = [0, 0, 0, 0, 0]] = ofPicture[cell] ?? [];
      return [...one, ...two, 1];
    }),
  );
  await made.add(items, tf.tensor(rows.flat(), [items.length, 2, 2, 11]) as tf.Tensor4D);
  return made;
}

const UPPER_LEFT: Edges = [10, 10, 40, 40];
/** What an output that is exactly UPPER_LEFT looks like, with its confidence. */
const found = (confidence: number) => [0.25, 0.25, 0.3, 0.3, confidence];
const elsewhere = (confidence: number) => [0.8, 0.8, 0.2, 0.2, confidence];

test('confidences are told apart by whether the cell holds an object, the more confident predictor counts', async () => {
  const held = tf.memory().numTensors;
  const { confidence, meanMap, pictureMaps, falsePositives, map, epoch } = (
    await pass(
      [item('1', { edges: UPPER_LEFT }), item('2')],
      [{ 0: [found(0.61), elsewhere(0.12)], 3: [elsewhere(0.3), elsewhere(0.2)] }, { 1: [elsewhere(1.5)] }],
    )
  ).epoch(3) as Required<EpochEvaluation>;
  assert.equal(epoch, 3);
  assert.equal(confidence.withObject.cells, 1);
  assert.equal(confidence.withObject.mean, 0.61);
  assert.equal(confidence.withObject.counts[24], 1);
  assert.equal(confidence.empty.cells, 7);
  assert.equal(confidence.empty.mean, 0.2571);
  assert.equal(confidence.empty.median, 0);
  // The confidence above 1 is in the last bin, the five of 0 in the first.
  assert.equal(confidence.empty.counts.at(-1), 1);
  assert.equal(confidence.empty.counts[0], 5);
  assert.deepEqual(confidence.empty.edges.slice(0, 3), [0, 0.025, 0.05]);
  assert.deepEqual(meanMap, [
    [0.305, 0.75],
    [0, 0.15],
  ]);
  assert.deepEqual(pictureMaps[0], {
    key: 'Year/1',
    map: [
      [0.61, 0],
      [0, 0.3],
    ],
  });
  // Of the first picture .3 (its double is suppressed, and the one of .12 too), of the second 1.5.
  assert.deepEqual(falsePositives, [
    { threshold: 0.05, perPicture: 1 },
    { threshold: 0.1, perPicture: 1 },
    { threshold: 0.2, perPicture: 1 },
    { threshold: 0.4, perPicture: 0.5 },
  ]);
  // Precision 1/2 at recall 1: the false positive of 1.5 comes first.
  assert.equal(map, 0.5);
  assert.equal(tf.memory().numTensors, held);
});

test('no object at all leaves no mean, and nothing breaks', async () => {
  const { confidence } = (await pass([item('1')], [{}])).epoch(1) as Required<EpochEvaluation>;
  assert.equal(confidence.withObject.cells, 0);
  assert.ok(Number.isNaN(confidence.withObject.mean) && Number.isNaN(confidence.withObject.median));
});

test("each of the original's points is measured by itself on the same predictions", async () => {
  const under = (
    await pass(
      [item('1', { edges: UPPER_LEFT }), item('2', { edges: UPPER_LEFT, difficult: true })],
      // The better box of the first picture is the less confident one of its cell, and below the cut.
      [{ 0: [elsewhere(0.9), found(0.3)] }, { 0: [found(0.2)] }],
    )
  ).final();
  const { writeUp, coco } = under;
  assert.equal(writeUp!.voc, 0.5);
  // The right box is exact, so its precision of 1/2 holds at every threshold.
  assert.ok(Math.abs(coco!.ap - 0.5) < 1e-9 && Math.abs(coco!.ap50 - 0.5) < 1e-9);
  assert.equal(writeUp!.voc, under.pooled.map);
  assert.equal(writeUp!.scoreCut, 0);
  assert.equal(writeUp!.oneBoxACell, 0);
  assert.equal(writeUp!.gridGroundTruth, 0.5);
  // Two of three detections are right, in the order wrong, right, right: precision 2/3 from recall 0 on.
  assert.ok(Math.abs(writeUp!.difficultCounts - 2 / 3) < 1e-9);
  // From (0, 1) down to (0, 0), then (1/2, 1/2) and (1, 2/3).
  assert.ok(Math.abs(writeUp!.trapezoid - (0.5 * 0.25 + 0.5 * (7 / 12))) < 1e-9);
  assert.equal(writeUp!.all, 0);
});

test('an object that shares its cell is unknown to a ground truth read back from the grid', async () => {
  const small: Edges = [5, 5, 15, 15];
  const { writeUp } = (
    await pass(
      [item('1', { edges: UPPER_LEFT }, { edges: small })],
      [{ 0: [found(0.9), [0.1, 0.1, 0.1, 0.1, 0.8]] }],
    )
  ).final();
  assert.equal(writeUp!.voc, 1);
  // The second box is a false positive now, behind the true one.
  assert.equal(writeUp!.gridGroundTruth, 1);
  assert.equal(writeUp!.oneBoxACell, 0.5);
});

test('detections of the first pictures are kept to be drawn, the weak ones not', async () => {
  const items = Array.from({ length: 9 }, (_, place) => item(String(place), { edges: UPPER_LEFT }));
  const { detections, errors } = (
    await pass(
      items,
      items.map(() => ({ 0: [found(0.61234567)], 3: [elsewhere(0.04)] })),
    )
  ).final();
  assert.equal(detections!.length, 8);
  assert.deepEqual(detections![0], {
    key: 'Year/0',
    detections: [{ classIndex: 0, score: 0.6123, box: { left: 10, top: 10, right: 40, bottom: 40 } }],
  });
  assert.equal(errors!.correct, 1);
});

test('outputs that are not finite are named by their pictures', async () => {
  await assert.rejects(
    pass([item('1')], [{ 0: [[Number.NaN, 0, 0, 0, 0]] }]),
    /outputs for Year\/1 are not all finite/,
  );
});
