import assert from 'node:assert/strict';
import { test } from 'node:test';
import { confusion } from './confusion';
import { detectionTable } from './table/detectionTable';
import { groundTruthTable } from './table/groundTruthTable';

const CLASSES = ['cat', 'dog'];
const [LEFT, RIGHT] = [0, 50].map((left) => ({ left, top: 0, right: left + 40, bottom: 40 }));
/** IoU .6 with LEFT. */
const NEAR = { ...LEFT, bottom: 24 };

type Found = readonly [name: string, score: number, box: typeof LEFT];

function count(
  objects: readonly { name: string; box: typeof LEFT; difficult?: boolean }[],
  found: readonly Found[],
) {
  const annotated = objects.map((object) => ({ difficult: false, ...object }));
  const truth = groundTruthTable(
    [{ key: 'a', annotation: { id: 'a', width: 100, height: 100, objects: annotated } }],
    CLASSES,
  );
  const detections = found.map(([name, score, box]) => ({ classIndex: CLASSES.indexOf(name), score, box }));
  const table = detectionTable(truth.index, [{ key: 'a', detections }]);
  return confusion(table, truth, { scoreCut: 0.3 }).counts;
}

test('an object is found, taken for another class, or missed; what lies on nothing is of the background', () => {
  const objects = [
    { name: 'cat', box: LEFT },
    { name: 'dog', box: RIGHT },
  ];
  assert.deepEqual(count(objects, [['cat', 0.9, LEFT]]), [
    [1, 0, 0],
    [0, 0, 1],
    [0, 0, 0],
  ]);
  assert.deepEqual(
    count(objects, [
      ['dog', 0.9, LEFT],
      ['dog', 0.8, { ...RIGHT, top: 60, bottom: 90 }],
    ]),
    [
      [0, 1, 0],
      [0, 0, 1],
      [0, 1, 0],
    ],
  );
});

test('a found object is not confused with the other class that was seen on it, however confident that was', () => {
  assert.deepEqual(
    count(
      [{ name: 'cat', box: LEFT }],
      [
        ['dog', 0.9, LEFT],
        ['cat', 0.5, NEAR],
      ],
    ),
    [
      [1, 0, 0],
      [0, 0, 0],
      [0, 1, 0],
    ],
  );
});

test('a detection takes the object it overlaps most, and a second one the other', () => {
  const objects = [
    { name: 'cat', box: NEAR },
    { name: 'cat', box: LEFT },
  ];
  assert.equal(count(objects, [['cat', 0.9, LEFT]])[0][0], 1);
  assert.deepEqual(
    count(objects, [
      ['cat', 0.9, LEFT],
      ['cat', 0.8, LEFT],
      ['cat', 0.7, LEFT],
    ]),
    [
      [2, 0, 0],
      [0, 0, 0],
      [1, 0, 0],
    ],
  );
});

test('scores below the cut and difficult objects count neither way', () => {
  const none = [
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
  ];
  const difficult = [{ name: 'cat', box: LEFT, difficult: true }];
  assert.deepEqual(count(difficult, []), none);
  assert.deepEqual(
    count(difficult, [
      ['cat', 0.9, LEFT],
      ['dog', 0.8, LEFT],
      ['cat', 0.29, RIGHT],
    ]),
    none,
  );
});
