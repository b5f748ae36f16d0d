import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readEnvironment } from '../core/environment';
import { detectionTable } from './table/detectionTable';
import { type GroundTruthTable, groundTruthTable } from './table/groundTruthTable';
import { evaluateVoc } from './voc';

/** A picture's objects and detections as the published example writes them: x, y, width, height, x2 = x + width. */
interface ExamplePicture {
  objects: number[][];
  /** Confidence, then x, y, width, height. */
  detections: number[][];
}

// Inclusive pixel numbers x..x + width: continuous edges x - 1 and x + width.
const toBox = ([x, y, width, height]: number[]) => ({
  left: x - 1,
  top: y - 1,
  right: x + width,
  bottom: y + height,
});

function tablesOf(example: Record<string, ExamplePicture>) {
  const entries = Object.entries(example);
  const groundTruth = groundTruthTable(
    entries.map(([key, { objects }]) => ({
      key,
      annotation: {
        id: key,
        width: 200,
        height: 200,
        objects: objects.map((object) => ({ name: 'object', box: toBox(object), difficult: false })),
      },
    })),
    ['object'],
  );
  const detections = detectionTable(
    groundTruth.index,
    entries.map(([key, picture]) => ({
      key,
      detections: picture.detections.map(([score, ...box]) => ({ classIndex: 0, score, box: toBox(box) })),
    })),
  );
  return { groundTruth, detections };
}

// The figures of a published worked example: 7 pictures, 15 boxes, 24 detections, one class.
const EXAMPLE: Record<string, ExamplePicture> = {
  '00001': {
    objects: [
      [25, 16, 38, 56],
      [129, 123, 41, 62],
    ],
    detections: [
      [0.88, 5, 67, 31, 48],
      [0.7, 119, 111, 40, 67],
      [0.8, 124, 9, 49, 67],
    ],
  },
  '00002': {
    objects: [
      [123, 11, 43, 55],
      [38, 132, 59, 45],
    ],
    detections: [
      [0.71, 64, 111, 64, 58],
      [0.54, 26, 140, 60, 47],
      [0.74, 19, 18, 43, 35],
    ],
  },
  '00003': {
    objects: [
      [16, 14, 35, 48],
      [123, 30, 49, 44],
      [99, 139, 47, 47],
    ],
    detections: [
      [0.18, 109, 15, 77, 39],
      [0.67, 86, 63, 46, 45],
      [0.38, 160, 62, 36, 53],
      [0.91, 105, 131, 47, 47],
      [0.44, 18, 148, 40, 44],
    ],
  },
  '00004': {
    objects: [
      [53, 42, 40, 52],
      [154, 43, 31, 34],
    ],
    detections: [
      [0.35, 83, 28, 28, 26],
      [0.78, 28, 68, 42, 67],
      [0.45, 87, 89, 25, 39],
      [0.14, 10, 155, 60, 26],
    ],
  },
  '00005': {
    objects: [
      [59, 31, 44, 51],
      [48, 128, 34, 52],
    ],
    detections: [
      [0.62, 50, 38, 28, 46],
      [0.44, 95, 11, 53, 28],
      [0.95, 29, 131, 72, 29],
      [0.23, 29, 163, 72, 29],
    ],
  },
  '00006': {
    objects: [
      [36, 89, 52, 76],
      [62, 58, 44, 67],
    ],
    detections: [
      [0.45, 43, 48, 74, 38],
      [0.84, 17, 155, 29, 35],
      [0.43, 95, 110, 25, 42],
    ],
  },
  '00007': {
    objects: [
      [28, 31, 55, 63],
      [58, 67, 50, 58],
    ],
    detections: [
      [0.48, 16, 20, 101, 88],
      [0.95, 33, 116, 37, 49],
    ],
  },
};

const PUBLISHED = [
  { ap: 'area', iouThreshold: 0.1, expected: 0.3371980676 },
  { ap: 'area', iouThreshold: 0.3, expected: 0.2456866804 },
  { ap: 'area', iouThreshold: 0.5, expected: 0.0222222222 },
  { ap: '11point', iouThreshold: 0.3, expected: 0.2683982684 },
  { ap: '11point', iouThreshold: 0.5, expected: 0.0303030303 },
] as const;

function checkPublished(example: Record<string, ExamplePicture>) {
  const { groundTruth, detections } = tablesOf(example);
  assert.equal(groundTruth.length, 15);
  assert.equal(detections.length, 24);
  for (const { ap, iouThreshold, expected } of PUBLISHED) {
    const { map, classes } = evaluateVoc(detections, groundTruth, { ap, iouThreshold });
    assert.ok(Math.abs(map - expected) < 1e-10, `${ap} at ${iouThreshold}: ${map}, published ${expected}`);
    assert.equal(classes[0].ap, map);
  }
}

describe('evaluateVoc on the published worked example', () => {
  it('gives the published average precisions', () => checkPublished(EXAMPLE));

  it('gives the same whatever the order of pictures', () =>
    checkPublished(Object.fromEntries(Object.entries(EXAMPLE).reverse())));

  it('gives them from the example as published', (t) => {
    const folder = join(readEnvironment().dataFolder, '..', 'metrics', 'voc_ap_case_1');
    if (!existsSync(folder)) {
      t.skip(`${folder}: not there; set YOLOV1_DATA to a data folder with metrics beside it`);
      return;
    }
    const read = (kind: string, name: string) =>
      readFileSync(join(folder, kind, name), 'utf8')
        .split('\n')
        .filter((line) => line.trim() !== '')
        .map((line) => line.trim().split(/\s+/).slice(1).map(Number));
    checkPublished(
      Object.fromEntries(
        readdirSync(join(folder, 'gts')).map((name) => [
          name,
          { objects: read('gts', name), detections: read('dets', name) },
        ]),
      ),
    );
  });
});

type Row = [name: string, left: number, top: number, right: number, bottom: number, difficult?: boolean];

function pictures(objects: Record<string, Row[]>, classes: string[]): GroundTruthTable {
  return groundTruthTable(
    Object.entries(objects).map(([key, rows]) => ({
      key,
      annotation: {
        id: key,
        width: 100,
        height: 100,
        objects: rows.map(([name, left, top, right, bottom, difficult = false]) => ({
          name,
          box: { left, top, right, bottom },
          difficult,
        })),
      },
    })),
    classes,
  );
}

function found(groundTruth: GroundTruthTable, rows: Array<[key: string, score: number, ...edges: number[]]>) {
  return detectionTable(
    groundTruth.index,
    rows.map(([key, score, left, top, right, bottom]) => ({
      key,
      detections: [{ classIndex: 0, score, box: { left, top, right, bottom } }],
    })),
  );
}

describe('evaluateVoc', () => {
  it('neither counts nor punishes difficult objects, found once, twice or never', () => {
    const groundTruth = pictures(
      {
        a: [
          ['cat', 0, 0, 10, 10],
          ['cat', 50, 50, 60, 60, true],
          ['cat', 80, 80, 90, 90, true],
        ],
      },
      ['cat'],
    );
    const detections = found(groundTruth, [
      ['a', 0.9, 50, 50, 60, 60],
      ['a', 0.8, 50, 50, 60, 61],
      ['a', 0.7, 0, 0, 10, 10],
    ]);
    const { map, classes } = evaluateVoc(detections, groundTruth);
    assert.equal(map, 1);
    assert.deepEqual(classes, [{ name: 'cat', objects: 1, detections: 3, ap: 1 }]);
  });

  it('counts a second detection of an object as false, although another object overlaps enough', () => {
    // Both detections overlap object 0 most; object 1 has IoU .6 with the second one, but is not asked.
    const groundTruth = pictures(
      {
        a: [
          ['cat', 0, 0, 10, 10],
          ['cat', 0, 4, 10, 14],
        ],
      },
      ['cat'],
    );
    const detections = found(groundTruth, [
      ['a', 0.9, 0, 0, 10, 10],
      ['a', 0.8, 0, 1, 10, 11],
    ]);
    assert.equal(evaluateVoc(detections, groundTruth).map, 0.5);
    const third = found(groundTruth, [
      ['a', 0.9, 0, 0, 10, 10],
      ['a', 0.8, 0, 1, 10, 11],
      ['a', 0.7, 0, 4, 10, 14],
    ]);
    assert.ok(Math.abs(evaluateVoc(third, groundTruth).map - (0.5 + 0.5 * (2 / 3))) < 1e-12);
  });

  it('finds an object at exactly the threshold', () => {
    const groundTruth = pictures({ a: [['cat', 0, 0, 10, 10]] }, ['cat']);
    const detections = found(groundTruth, [['a', 1, 0, 0, 10, 5]]);
    assert.equal(evaluateVoc(detections, groundTruth).map, 1);
    assert.equal(evaluateVoc(detections, groundTruth, { iouThreshold: 0.51 }).map, 0);
  });

  it('leaves classes without counted objects out of the mean and shows them without AP', () => {
    const groundTruth = pictures({ a: [['cat', 0, 0, 10, 10]], b: [['dog', 0, 0, 10, 10, true]] }, [
      'cat',
      'cow',
      'dog',
    ]);
    const result = evaluateVoc(found(groundTruth, [['a', 1, 0, 0, 10, 10]]), groundTruth);
    assert.equal(result.map, 1);
    assert.deepEqual(
      result.classes.map(({ name, objects, ap }) => [name, objects, ap]),
      [
        ['cat', 1, 1],
        ['cow', 0, NaN],
        ['dog', 0, NaN],
      ],
    );
  });

  it('is NaN without any object and 0 without any detection', () => {
    const nothing = pictures({ a: [] }, ['cat']);
    assert.equal(evaluateVoc(found(nothing, []), nothing).map, NaN);
    const groundTruth = pictures({ a: [['cat', 0, 0, 10, 10]] }, ['cat']);
    assert.equal(evaluateVoc(found(groundTruth, []), groundTruth).map, 0);
  });

  it('says what is wrong with its arguments', () => {
    const groundTruth = pictures({ a: [['cat', 0, 0, 10, 10]] }, ['cat']);
    const other = pictures({ a: [], b: [] }, ['cat']);
    assert.throws(() => evaluateVoc(found(other, []), groundTruth), {
      name: 'UserError',
      message:
        'detections: belong to another evaluation index (2 pictures and 1 class) than the ground truth (1 picture and 1 class); make them with groundTruth.index',
    });
    assert.throws(() => evaluateVoc(found(groundTruth, []), groundTruth, { iouThreshold: 50 }), {
      message: 'evaluateVoc: options.iouThreshold is 50, expected a number above 0, up to 1',
    });
    assert.throws(() => evaluateVoc(found(groundTruth, []), groundTruth, { ap: '101point' as 'area' }), {
      message: "evaluateVoc: options.ap is '101point', expected area or 11point; did you mean '11point'?",
    });
  });
});
