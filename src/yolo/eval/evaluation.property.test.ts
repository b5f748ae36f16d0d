import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Box } from '../grid/box';
import type { Detection } from '../grid/detection';
import { boxIou } from '../grid/iou';
import { evaluateCoco } from './coco/coco';
import { analyseErrors } from './errorAnalysis';
import { evaluateAsOriginal } from './original';
import { detectionTable } from './table/detectionTable';
import { groundTruthTable } from './table/groundTruthTable';
import { splitByYear } from './table/years';
import { evaluateVoc } from './voc';

const CLASSES = ['cat', 'dog', 'cow'];

interface Picture {
  key: string;
  objects: Array<{ name: string; box: Box; difficult: boolean }>;
  detections: Detection[];
}

const boxes = fc
  .tuple(
    fc.nat({ max: 20 }),
    fc.nat({ max: 20 }),
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: 12 }),
  )
  .map(([left, top, width, height]): Box => ({ left, top, right: left + width, bottom: top + height }));
const objects = fc.record({ name: fc.constantFrom(...CLASSES), box: boxes, difficult: fc.boolean() });
const detections = fc.record({
  classIndex: fc.nat({ max: 2 }),
  score: fc.integer({ min: 0, max: 10 }).map((tenths) => tenths / 10),
  box: boxes,
});
const pictures: fc.Arbitrary<Picture[]> = fc
  .array(
    fc.record({
      objects: fc.array(objects, { maxLength: 5 }),
      detections: fc.array(detections, { maxLength: 8 }),
    }),
    { maxLength: 6 },
  )
  .map((list) => list.map((picture, index) => ({ ...picture, key: `VOC${2007 + (index % 2)}/${index}` })));

function tablesOf(list: readonly Picture[]) {
  const groundTruth = groundTruthTable(
    list.map(({ key, objects }) => ({ key, annotation: { id: key, width: 40, height: 40, objects } })),
    CLASSES,
  );
  return [detectionTable(groundTruth.index, list), groundTruth] as const;
}

/** The rules of VOC as they read, with objects and nested loops. */
function naiveAp(list: readonly Picture[], classIndex: number, threshold: number): number {
  const truth = new Map(
    list.map(({ key, objects }) => [
      key,
      objects
        .filter(({ name }) => name === CLASSES[classIndex])
        .map((object) => ({ ...object, used: false })),
    ]),
  );
  const total = [...truth.values()].flat().filter(({ difficult }) => !difficult).length;
  const ranked = [...list]
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .flatMap(({ key, detections }) => detections.map((detection) => ({ key, ...detection })))
    .filter((detection) => detection.classIndex === classIndex)
    .sort((a, b) => b.score - a.score);
  const points: Array<{ recall: number; precision: number }> = [];
  let hits = 0;
  let misses = 0;
  for (const { key, box } of ranked) {
    const candidates = truth.get(key)!;
    const overlaps = candidates.map((object) => boxIou(object.box, box));
    const nearest = candidates[overlaps.indexOf(Math.max(...overlaps))];
    if (nearest && Math.max(...overlaps) >= threshold) {
      if (nearest.difficult) continue;
      if (nearest.used) misses++;
      else hits++;
      nearest.used = true;
    } else misses++;
    points.push({ recall: hits / total, precision: hits / (hits + misses) });
  }
  let area = 0;
  let reached = 0;
  points.forEach(({ recall }, index) => {
    area += (recall - reached) * Math.max(...points.slice(index).map(({ precision }) => precision));
    reached = recall;
  });
  return total === 0 ? NaN : area;
}

describe('evaluation, for any objects and detections', () => {
  it('agrees with the VOC rules written as they read', () => {
    fc.assert(
      fc.property(pictures, fc.constantFrom(0.1, 0.5, 0.75), (list, iouThreshold) => {
        const { classes } = evaluateVoc(...tablesOf(list), { iouThreshold });
        classes.forEach(({ ap }, index) => {
          const expected = naiveAp(list, index, iouThreshold);
          assert.ok(
            Object.is(ap, expected) || Math.abs(ap - expected) < 1e-12,
            `${ap}, expected ${expected}`,
          );
        });
      }),
      { numRuns: 400 },
    );
  });

  it('stays within 0 and 1, or is NaN where a class has no object', () => {
    const inRange = (value: number) =>
      assert.ok(Number.isNaN(value) || (value >= 0 && value <= 1 + 1e-12), `${value}`);
    fc.assert(
      fc.property(pictures, (list) => {
        const tables = tablesOf(list);
        for (const ap of ['area', '11point'] as const) {
          for (const result of evaluateVoc(...tables, { ap }).classes) {
            inRange(result.ap);
            assert.equal(Number.isNaN(result.ap), result.objects === 0);
          }
        }
        for (const { ap } of evaluateAsOriginal(...tables).classes) inRange(ap);
        const { classes, ...figures } = evaluateCoco(...tables);
        Object.values(figures).forEach(inRange);
        const { shares, classes: errors } = analyseErrors(...tables);
        const sum = Object.values(shares).reduce((total, share) => total + share);
        assert.ok(Number.isNaN(sum) || Math.abs(sum - 1) < 1e-12);
        for (const { counts, examined } of errors) {
          assert.equal(
            Object.values(counts).reduce((total, count) => total + count),
            examined,
          );
        }
      }),
    );
  });

  it('does not depend on the order of pictures and detections when all scores differ', () => {
    const shuffled = pictures.chain((list) => {
      let score = 1;
      const distinct = list.map((picture) => ({
        ...picture,
        detections: picture.detections.map((detection) => ({ ...detection, score: 1 / ++score })),
      }));
      const reordered = distinct.map((picture) =>
        fc
          .shuffledSubarray(picture.detections, { minLength: picture.detections.length })
          .map((detections) => ({ ...picture, detections })),
      );
      return fc
        .tuple(...reordered)
        .chain((each) => fc.shuffledSubarray(each, { minLength: each.length }))
        .map((other) => [distinct, other] as const);
    });
    fc.assert(
      fc.property(shuffled, ([list, other]) => {
        assert.deepEqual(evaluateVoc(...tablesOf(list)), evaluateVoc(...tablesOf(other)));
        assert.deepEqual(evaluateCoco(...tablesOf(list)), evaluateCoco(...tablesOf(other)));
        assert.deepEqual(evaluateAsOriginal(...tablesOf(list)), evaluateAsOriginal(...tablesOf(other)));
      }),
    );
  });

  it('is 1 for every class when each object is detected where it is', () => {
    fc.assert(
      fc.property(pictures, (list) => {
        // Side by side: of two objects in one place only the first can be found by the VOC rules.
        const perfect = list.map((picture) => {
          const apart = picture.objects.map((object, index) => ({
            ...object,
            box: {
              ...object.box,
              left: object.box.left + 100 * index,
              right: object.box.right + 100 * index,
            },
          }));
          const found = apart.map(({ name, box }) => ({
            classIndex: CLASSES.indexOf(name),
            score: 0.5,
            box,
          }));
          return { ...picture, objects: apart, detections: found };
        });
        const tables = tablesOf(perfect);
        for (const { ap, objects } of evaluateVoc(...tables).classes)
          assert.ok(objects === 0 || Math.abs(ap - 1) < 1e-12);
        for (const { ap, objects } of evaluateCoco(...tables).classes) assert.ok(objects === 0 || ap === 1);
        const { shares } = analyseErrors(...tables);
        assert.ok(Number.isNaN(shares.correct) || shares.correct === 1);
      }),
    );
  });

  it('is not raised by a false positive that is less confident than all others', () => {
    const nowhere = { left: 500, top: 500, right: 510, bottom: 510 };
    fc.assert(
      fc.property(pictures, fc.nat({ max: 2 }), (list, classIndex) => {
        fc.pre(list.length > 0);
        const [first, ...rest] = list;
        const worse = [
          { ...first, detections: [...first.detections, { classIndex, score: -1, box: nowhere }] },
          ...rest,
        ];
        for (const rule of ['area', '11point'] as const) {
          const before = evaluateVoc(...tablesOf(list), { ap: rule }).classes;
          const after = evaluateVoc(...tablesOf(worse), { ap: rule }).classes;
          for (const [index, { ap }] of after.entries()) assert.ok(!(ap > before[index].ap));
        }
        assert.ok(!(evaluateCoco(...tablesOf(worse)).ap > evaluateCoco(...tablesOf(list)).ap));
      }),
    );
  });

  it('shows for each year what that year alone gives', () => {
    fc.assert(
      fc.property(pictures, (list) => {
        for (const { year, detections, groundTruth } of splitByYear(...tablesOf(list))) {
          const alone = tablesOf(list.filter(({ key }) => key.startsWith(year)));
          assert.deepEqual(evaluateVoc(detections, groundTruth), evaluateVoc(...alone));
          assert.deepEqual(evaluateCoco(detections, groundTruth), evaluateCoco(...alone));
        }
      }),
    );
  });
});
