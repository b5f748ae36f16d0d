import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cocoResults } from './cocoResults';

test('boxes become left, top, width and height, classes count from 1, and a name of digits is a number', () => {
  const detections = [
    { classIndex: 2, score: 0.75, box: { left: 1.004, top: 2, right: 11.25, bottom: 4.5 } },
  ];
  const entry = { category_id: 3, bbox: [1, 2, 10.25, 2.5], score: 0.75 };
  assert.deepEqual(cocoResults('street', detections), [{ image_id: 'street', ...entry }]);
  assert.deepEqual(cocoResults('000139', detections), [{ image_id: 139, ...entry }]);
  assert.deepEqual(cocoResults('2007_000032', detections), [{ image_id: '2007_000032', ...entry }]);
});
