import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classCurves } from './classCurves';
import { interpolatedPrecision } from './interpolatedPrecision';
import { detectionTable } from './table/detectionTable';
import { groundTruthTable } from './table/groundTruthTable';

const box = (left: number) => ({ left, top: 0, right: left + 10, bottom: 10 });

test('the largest precision at or beyond a recall, nothing beyond the curve', () => {
  const curve = { precision: [1, 0.5, 2 / 3, 0.5, 0.6], recall: [0.2, 0.2, 0.4, 0.4, 0.6] };
  assert.deepEqual(interpolatedPrecision(curve, [0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 1]), [
    1,
    1,
    2 / 3,
    2 / 3,
    0.6,
    0.6,
    0,
    0,
  ]);
  assert.deepEqual(interpolatedPrecision({ precision: [], recall: [] }, [0, 1]), [0, 0]);
});

test('one curve for each class with objects, at 101 recalls', () => {
  const annotation = { id: 'one', width: 100, height: 10 };
  const objects = [0, 20, 40].map((left) => ({ name: 'cat', difficult: false, box: box(left) }));
  const truth = groundTruthTable([{ key: 'one', annotation: { ...annotation, objects } }], ['dog', 'cat']);
  // True, false, true: precision 1, 1/2, 2/3 at recall 1/3, 1/3, 2/3; the third object is never found.
  const found = [0, 70, 20].map((left, place) => ({
    classIndex: 1,
    score: 0.9 - place / 10,
    box: box(left),
  }));
  const detections = detectionTable(truth.index, [{ key: 'one', detections: found }]);
  const curves = classCurves(detections, truth);
  assert.deepEqual(
    curves.map(({ name, precision }) => [name, precision.length]),
    [['cat', 101]],
  );
  const [{ precision }] = curves;
  assert.deepEqual([precision[0], precision[33], precision[34], precision[66]], [1, 1, 0.6667, 0.6667]);
  assert.deepEqual([precision[67], precision[100]], [0, 0]);
});
