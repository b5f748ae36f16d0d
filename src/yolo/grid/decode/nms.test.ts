import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { boxIou } from '../iou';
import { nms } from './nms';

/** Greedy suppression as its definition reads: quadratic, with objects. */
function naiveNms(
  boxes: number[][],
  scores: number[],
  threshold: number,
  classes?: number[],
  limit = Infinity,
) {
  const toBox = ([left, top, right, bottom]: number[]) => ({ left, top, right, bottom });
  const order = scores.map((_, index) => index).sort((a, b) => scores[b] - scores[a] || a - b);
  const kept: number[] = [];
  for (const candidate of order) {
    const overlaps = (other: number) =>
      (classes === undefined || classes[other] === classes[candidate]) &&
      boxIou(toBox(boxes[other]), toBox(boxes[candidate])) > threshold;
    if (!kept.some(overlaps)) kept.push(candidate);
  }
  return kept.slice(0, limit);
}

const box = fc
  .tuple(
    fc.integer({ min: -5, max: 30 }),
    fc.integer({ min: -5, max: 30 }),
    fc.integer({ min: 1, max: 20 }),
    fc.integer({ min: 1, max: 20 }),
  )
  .map(([left, top, width, height]) => [left / 2, top / 2, (left + width) / 2, (top + height) / 2]);

describe('nms', () => {
  it('keeps the most confident of overlapping boxes and drops what overlaps it by more than the threshold', () => {
    // IoU of 0 and 1: 8/12; of 0 and 2: 5/15.
    const boxes = Float64Array.of(0, 0, 10, 1, 2, 0, 12, 1, 5, 0, 15, 1);
    const scores = Float64Array.of(0.9, 0.8, 0.7);
    assert.deepEqual([...nms(boxes, scores, { iouThreshold: 0.5 })], [0, 2]);
    assert.deepEqual([...nms(boxes, scores, { iouThreshold: 0.3 })], [0]);
    assert.deepEqual([...nms(boxes, scores, { iouThreshold: 0.7 })], [0, 1, 2]);
  });

  it('keeps a box whose overlap equals the threshold', () => {
    const boxes = Float64Array.of(0, 0, 2, 1, 0, 0, 1, 1);
    assert.deepEqual([...nms(boxes, Float64Array.of(1, 0.5), { iouThreshold: 0.5 })], [0, 1]);
  });

  it('suppresses within a class only when classes are given', () => {
    const boxes = Float32Array.of(0, 0, 4, 4, 0, 0, 4, 4, 0, 0, 4, 4);
    const scores = Float32Array.of(0.1, 0.3, 0.2);
    assert.deepEqual([...nms(boxes, scores, { iouThreshold: 0.5 })], [1]);
    assert.deepEqual([...nms(boxes, scores, { iouThreshold: 0.5, classes: [0, 1, 1] })], [1, 0]);
  });

  it('breaks equal scores by index', () => {
    const boxes = Float64Array.of(0, 0, 1, 1, 5, 5, 6, 6, 9, 9, 10, 10);
    assert.deepEqual([...nms(boxes, Float64Array.of(0.5, 0.5, 0.5), { iouThreshold: 0.5 })], [0, 1, 2]);
  });

  it('does as the definition says for any boxes, scores, classes, threshold and limit', () => {
    const entry = fc.record({ box, score: fc.integer({ min: -8, max: 8 }), cls: fc.nat({ max: 3 }) });
    fc.assert(
      fc.property(
        fc.array(entry, { maxLength: 150 }),
        fc.constantFrom(0, 0.2, 0.45, 0.5, 0.9, 1),
        fc.boolean(),
        fc.option(fc.nat({ max: 20 }), { nil: undefined }),
        (entries, iouThreshold, perClass, limit) => {
          const boxes = entries.map((each) => each.box);
          const scores = entries.map((each) => each.score / 8);
          const classes = perClass ? entries.map((each) => each.cls) : undefined;
          const kept = nms(Float64Array.from(boxes.flat()), Float64Array.from(scores), {
            iouThreshold,
            ...(classes ? { classes } : {}),
            ...(limit === undefined ? {} : { limit }),
          });
          assert.deepEqual([...kept], naiveNms(boxes, scores, iouThreshold, classes, limit));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('does as the definition says for 3,000 boxes clustered on 60 objects', () => {
    let state = 1;
    const random = () => {
      state = (state * 16807) % 2147483647;
      return state / 2147483647;
    };
    const objects = Array.from({ length: 60 }, () => [
      random() * 400,
      random() * 300,
      10 + random() * 90,
      10 + random() * 90,
    ]);
    const boxes = Array.from({ length: 3000 }, (_, index) => {
      const [x, y, w, h] = objects[index % 60].map((value) => value * (0.9 + 0.2 * random()));
      return [x, y, x + w, y + h];
    });
    const scores = boxes.map(() => random());
    const classes = boxes.map(() => Math.floor(random() * 3));
    for (const given of [undefined, classes]) {
      const kept = nms(Float64Array.from(boxes.flat()), Float64Array.from(scores), {
        iouThreshold: 0.5,
        ...(given ? { classes: given } : {}),
      });
      assert.deepEqual([...kept], naiveNms(boxes, scores, 0.5, given));
    }
  });

  it('says which argument is wrong, what came and what was expected', () => {
    const good = Float64Array.of(0, 0, 1, 1);
    const one = Float64Array.of(1);
    const half = { iouThreshold: 0.5 };
    const throws = (call: () => unknown, message: string) =>
      assert.throws(call, { name: 'UserError', message });
    throws(
      () => nms(good, Float64Array.of(1, 2), half),
      'nms: boxes has 4 numbers, expected 4 for each of the 2 scores',
    );
    throws(() => nms(good, Float64Array.of(NaN), half), 'nms: scores[0] is NaN, expected a finite number');
    throws(
      () => nms(Float64Array.of(0, 0, 0, 1), one, half),
      'nms: box 0 is [0, 0, 0, 1], expected finite left < right and top < bottom',
    );
    throws(
      () => nms(Float64Array.of(0, NaN, 1, 1), one, half),
      'nms: box 0 is [0, NaN, 1, 1], expected finite left < right and top < bottom',
    );
    throws(
      () => nms(good, one, { iouThreshold: NaN }),
      'nms: iouThreshold is NaN, expected a number from 0 to 1',
    );
    throws(
      () => nms(good, one, { ...half, classes: [-1] }),
      'nms: classes[0] is -1, expected a whole number from 0',
    );
    throws(
      () => nms(good, one, { ...half, classes: [] }),
      'nms: classes has 0 entries, expected one for each of the 1 scores',
    );
    throws(() => nms(good, one, { ...half, limit: -1 }), 'nms: limit is -1, expected 0 or more');
  });
});
