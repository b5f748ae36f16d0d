import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { UserError } from '../../core/errors';
import { initBackend } from '../../tensor/backend';
import { BOX_CODINGS, type BoxCodingName, codingOf } from '../coding';
import type { Detection } from '../detection';
import { encodePredictions } from '../encodePredictions';
import fixture from '../fixtures/detections.json';
import { encodeGrid, type GridObject } from '../gridTarget';
import { type DecodeOptions, decodeDetections } from './decodeDetections';

const PICTURE = { width: 200, height: 100 };

/** Detections of one picture of one cell: centre (.5, .5), size .4 x .5 by linear outputs. */
function ofOneCell(cell: number[], options: Partial<DecodeOptions> = {}): Detection[] {
  const [detections] = decodeDetections(
    { shape: [1, 1, 1, cell.length], data: Float64Array.from(cell) },
    { coding: 'linear', classes: 2, pictures: [PICTURE], ...options },
  );
  return detections;
}

describe('decodeDetections', () => {
  before(async () => {
    await initBackend();
  });

  it('scores each class by its probability times the confidence, boxes in pixels of the picture', () => {
    const detections = ofOneCell([0.5, 0.5, 0.5, 0.5, 0.5, 0.25, 0.75]);
    const box = { left: 50, top: 25, right: 150, bottom: 75 };
    assert.deepEqual(detections, [
      { classIndex: 1, score: 0.375, box },
      { classIndex: 0, score: 0.125, box },
    ]);
  });

  it('takes only the most probable class of a box if told', () => {
    const detections = ofOneCell([0.5, 0.5, 0.5, 0.5, 0.5, 0.25, 0.75], { candidates: 'best' });
    assert.deepEqual(
      detections.map(({ classIndex, score }) => [classIndex, score]),
      [[1, 0.375]],
    );
  });

  it('joins the candidates of the mirrored picture before it suppresses', () => {
    const at = (x: number, confidence: number, ...classes: number[]) => [
      x,
      0.5,
      0.4,
      0.4,
      confidence,
      ...classes,
    ];
    const mirrored = (cell: number[]) => ({ shape: [1, 1, 1, 7], data: Float64Array.from(cell) });
    const plain = at(0.25, 0.5, 1, 0);
    // The same box as seen in the mirror, less confident: suppressed. Further right it is one of its own.
    assert.deepEqual(ofOneCell(plain, { mirrored: mirrored(at(0.75, 0.25, 1, 0)) }), ofOneCell(plain));
    const far = ofOneCell(plain, { mirrored: mirrored(at(0.25, 0.75, 0, 1)) });
    assert.deepEqual(
      far.map(({ classIndex, score, box: { left, right } }) =>
        [classIndex, score, left, right].map((n) => +n.toFixed(6)),
      ),
      [
        [1, 0.75, 110, 190],
        [0, 0.5, 10, 90],
      ],
    );
    assert.throws(
      () => ofOneCell(plain, { mirrored: { shape: [0], data: new Float64Array(3) } }),
      /mirrored\.data has 3 numbers, expected 7 as predictions/,
    );
  });

  it('suppresses per class, or over all classes', () => {
    const twice = [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.25, 0.5, 1];
    const summary = (options: Partial<DecodeOptions>) =>
      ofOneCell(twice, options).map(({ classIndex, score }) => [classIndex, score]);
    assert.deepEqual(summary({}), [
      [1, 0.5],
      [0, 0.25],
    ]);
    assert.deepEqual(summary({ suppression: 'agnostic' }), [[1, 0.5]]);
    assert.equal(summary({ iouThreshold: 1 }).length, 4);
    assert.deepEqual(summary({ iouThreshold: 1, limit: 2 }), [
      [1, 0.5],
      [0, 0.25],
    ]);
  });

  it('needs a score above the threshold', () => {
    const cell = [0.5, 0.5, 0.5, 0.5, 0.5, 0.25, 0.75];
    assert.equal(ofOneCell(cell, { scoreThreshold: 0.124 }).length, 2);
    assert.equal(ofOneCell(cell, { scoreThreshold: 0.125 }).length, 1);
    assert.equal(ofOneCell([0.5, 0.5, 0.5, 0.5, 0.005, 1, 1]).length, 0);
  });

  it('takes linear outputs below 0 for 0, so that two of them make no score', () => {
    assert.deepEqual(ofOneCell([0.5, 0.5, 0.5, 0.5, -1, -1, -0.5]), []);
    assert.deepEqual(ofOneCell([0.5, 0.5, 0.5, 0.5, 1, -1, -0.5]), []);
  });

  it('clips boxes to the picture, and leaves out those without area or outside', () => {
    const [{ box }] = ofOneCell([0.1, 0.9, 0.5, 0.5, 1, 1, 0]);
    assert.deepEqual(
      [box.left, box.top, box.right, box.bottom].map((edge) => Math.round(edge * 1e6) / 1e6),
      [0, 65, 70, 100],
    );
    assert.deepEqual(ofOneCell([0.5, 0.5, -0.5, 0.5, 1, 1, 0]), []);
    assert.deepEqual(ofOneCell([0.5, 0.5, 0, 0.5, 1, 1, 0]), []);
    assert.deepEqual(ofOneCell([2, 0.5, 0.5, 0.5, 1, 1, 0]), []);
  });

  for (const { coding, predictors, predictions, detections, ...options } of fixture.cases) {
    it(`finds what PyTorch finds: ${coding}, ${predictors} predictors, ${Object.values(options)}`, () => {
      const { pictures, gridSize, classes, scoreThreshold, iouThreshold } = fixture;
      const shape: [number, number, number, number] = [
        pictures,
        gridSize,
        gridSize,
        5 * predictors + classes,
      ];
      const x = tf.tensor4d(predictions, shape);
      const found = decodeDetections(x, {
        coding: coding as BoxCodingName,
        classes,
        pictures: Array.from({ length: pictures }, () => PICTURE),
        scoreThreshold,
        iouThreshold,
        candidates: options.candidates as 'every' | 'best',
        suppression: options.suppression as 'perClass' | 'agnostic',
      });
      x.dispose();
      detections.forEach((expected, n) => {
        const rows = found[n].map(({ classIndex, score, box: { left, top, right, bottom } }) => [
          classIndex,
          score,
          ...[left / PICTURE.width, top / PICTURE.height, right / PICTURE.width, bottom / PICTURE.height],
        ]);
        const proper = expected.filter(([, , left, top, right, bottom]) => left < right && top < bottom);
        assert.equal(rows.length, proper.length);
        rows.forEach((row, i) => {
          row.forEach((value, k) => {
            assert.ok(Math.abs(value - proper[i][k]) < 1e-6, `[${row}], expected [${proper[i]}]`);
          });
        });
      });
    });
  }

  it('gives the objects of a perfect prediction back, in every coding and at every grid size', () => {
    const side = fc.double({ min: 0.02, max: 0.98, noNaN: true });
    const objects = fc.array(
      fc.tuple(side, side, side, side, fc.nat(4)).map(([x, y, w, h, classIndex]): GridObject => {
        const halfWidth = w * Math.min(x, 1 - x);
        const halfHeight = h * Math.min(y, 1 - y);
        const box = {
          left: x - halfWidth,
          top: y - halfHeight,
          right: x + halfWidth,
          bottom: y + halfHeight,
        };
        return { classIndex, box };
      }),
      { maxLength: 6 },
    );
    const codings = fc.constantFrom(...(Object.keys(BOX_CODINGS) as BoxCodingName[]));
    const sizes = fc.record({
      gridSize: fc.integer({ min: 1, max: 20 }),
      predictors: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(
        fc.array(objects, { minLength: 1, maxLength: 3 }),
        codings,
        sizes,
        (pictures, coding, sizes) => {
          const target = encodeGrid(pictures, { gridSize: sizes.gridSize, classes: 5 });
          const found = decodeDetections(
            encodePredictions(target, { coding, predictors: sizes.predictors }),
            {
              coding,
              classes: 5,
              pictures: pictures.map(() => ({ width: 1, height: 1 })),
              // Objects that overlap stay.
              iouThreshold: 1,
              scoreThreshold: 0.5,
            },
          );
          pictures.forEach((objects, n) => {
            const lost = new Set(
              target.lost.filter(({ picture }) => picture === n).map(({ object }) => object),
            );
            const kept = objects.filter((_, place) => !lost.has(place));
            assert.equal(found[n].length, kept.length);
            for (const { classIndex, box } of kept) {
              const match = found[n].some(
                (one) =>
                  one.classIndex === classIndex &&
                  Math.abs(one.score - 1) < 1e-5 &&
                  (['left', 'top', 'right', 'bottom'] as const).every(
                    (edge) => Math.abs(one.box[edge] - box[edge]) < 2e-6,
                  ),
              );
              assert.ok(match, `${coding}: ${JSON.stringify(box)} not in ${JSON.stringify(found[n])}`);
            }
          });
        },
      ),
      { seed: 1 },
    );
  });

  it('names the picture whose predictions are not finite', () => {
    const data = new Float32Array(2 * 7);
    const decode = (at: number, value: number, keys: (string | undefined)[]) => () => {
      const broken = data.slice();
      broken[at] = value;
      const pictures = keys.map((key) => ({ ...PICTURE, key }));
      decodeDetections({ shape: [2, 1, 1, 7], data: broken }, { coding: 'sigmoid', classes: 2, pictures });
    };
    assert.throws(
      decode(11, Number.NaN, ['2007_000027', '2007_000032']),
      (error) =>
        error instanceof UserError &&
        /predictions of picture '2007_000032': number 4 is NaN, expected finite numbers/.test(error.message),
    );
    assert.throws(
      decode(0, Number.POSITIVE_INFINITY, [undefined, undefined]),
      /picture '0': number 0 is Infinity/,
    );
  });

  it('refuses shapes, lengths and thresholds that do not fit', () => {
    const decode =
      (changes: object, shape = [1, 1, 1, 7]) =>
      () =>
        decodeDetections(
          { shape, data: new Float32Array(7) },
          { coding: 'linear', classes: 2, pictures: [PICTURE], ...changes },
        );
    assert.throws(decode({ classes: 3 }), /decodeDetections: predictions has shape \[1,1,1,7\], expected/);
    assert.throws(decode({ pictures: [] }), /pictures has 0 entries, expected one for each of the 1/);
    assert.throws(
      decode({}, [1, 2, 2, 7]),
      /predictions\.data has 7 numbers, expected 28 for shape \[1,2,2,7\]/,
    );
    assert.throws(
      decode({ pictures: [{ width: 0, height: 5 }] }),
      /pictures\[0\] is 0 x 5, expected the picture's size in pixels/,
    );
    assert.throws(decode({ pictures: [{ width: 5, height: Number.NaN }] }), /pictures\[0\] is 5 x NaN/);
    assert.throws(decode({ scoreThreshold: -1 }), /scoreThreshold is -1, expected 0 or more/);
    assert.throws(decode({ iouThreshold: 2 }), /iouThreshold is 2, expected 0 to 1/);
    assert.throws(decode({ candidates: 'all' }), /candidates is all, expected every or best/);
    assert.throws(decode({ suppression: 'none' }), /suppression is none, expected perClass or agnostic/);
    assert.throws(decode({ limit: -1 }), /limit is -1, expected 0 or more/);
    assert.throws(decode({ coding: 'cube' }), /coding: is 'cube'/);
  });
});

describe('encodePredictions', () => {
  it('is certain of what it says', () => {
    const target = encodeGrid([[{ classIndex: 1, box: { left: 0.25, top: 0, right: 0.75, bottom: 0.5 } }]], {
      gridSize: 1,
      classes: 2,
    });
    const linear = encodePredictions(target, { coding: 'sqrt', predictors: 2 });
    assert.deepEqual(linear.shape, [1, 1, 1, 12]);
    const root = Math.fround(Math.SQRT1_2);
    assert.deepEqual([...linear.data], [0.5, 0.25, root, root, 1, 0, 0, 0, 0, 0, 0, 1]);
    const gated = encodePredictions(target, {
      coding: { ...codingOf('sqrt'), confidence: 'sigmoid' },
      predictors: 2,
    });
    assert.deepEqual([gated.data[4], gated.data[9]], [16, -16]);
  });

  it('refuses a number of predictors that is none', () => {
    const target = encodeGrid([[]], { gridSize: 1, classes: 1 });
    assert.throws(
      () => encodePredictions(target, { coding: 'sqrt', predictors: 0 }),
      /encodePredictions: options\.predictors is 0, expected a whole number above 0/,
    );
  });
});
