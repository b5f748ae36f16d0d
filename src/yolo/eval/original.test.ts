import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { evaluateAsOriginal } from './original';
import { detectionTable } from './table/detectionTable';
import { groundTruthTable } from './table/groundTruthTable';
import { evaluateVoc } from './voc';

/** Two cats in one picture, the second one difficult if asked; detections by score and left edge, 10 x 10. */
function cats(rows: Array<[score: number, left: number]>, difficult = false) {
  const groundTruth = groundTruthTable(
    [
      {
        key: 'a',
        annotation: {
          id: 'a',
          width: 100,
          height: 100,
          objects: [0, 50].map((left) => ({
            name: 'cat',
            difficult: difficult && left === 50,
            box: { left, top: 0, right: left + 10, bottom: 10 },
          })),
        },
      },
    ],
    ['cat', 'dog'],
  );
  const detections = detectionTable(groundTruth.index, [
    {
      key: 'a',
      detections: rows.map(([score, left]) => ({
        classIndex: 0,
        score,
        box: { left, top: 0, right: left + 10, bottom: 10 },
      })),
    },
  ]);
  return [detections, groundTruth] as const;
}

describe('evaluateAsOriginal', () => {
  it('joins the raw points by straight lines from precision 1', () => {
    // Found, missed, found: points (0, 1), (.5, 1), (.5, .5), (1, 2/3).
    const tables = cats([
      [0.9, 0],
      [0.8, 80],
      [0.7, 50],
    ]);
    assert.ok(Math.abs(evaluateAsOriginal(...tables).map - (0.5 + (0.5 * (1 / 2 + 2 / 3)) / 2)) < 1e-12);
    assert.ok(Math.abs(evaluateVoc(...tables).map - (0.5 + 0.5 * (2 / 3))) < 1e-12);
  });

  it('counts scores above .4 only', () => {
    const tables = cats([
      [0.9, 0],
      [0.4, 50],
    ]);
    assert.equal(evaluateAsOriginal(...tables).map, 0.5);
    assert.equal(evaluateAsOriginal(...tables, { scoreThreshold: 0.39 }).map, 1);
    assert.equal(evaluateVoc(...tables).map, 1);
  });

  it('counts difficult objects like others', () => {
    const tables = cats([[0.9, 0]], true);
    assert.equal(evaluateAsOriginal(...tables).map, 0.5);
    assert.equal(evaluateVoc(...tables).map, 1);
  });

  it('wants an IoU larger than the threshold', () => {
    const [detections, groundTruth] = cats([]);
    const half = detectionTable(detections.index, [
      { key: 'a', detections: [{ classIndex: 0, score: 1, box: { left: 0, top: 0, right: 10, bottom: 5 } }] },
    ]);
    assert.equal(evaluateAsOriginal(half, groundTruth).map, 0);
    assert.equal(evaluateVoc(half, groundTruth).map, 0.5);
  });

  it('refuses a score threshold that is no number', () => {
    assert.throws(() => evaluateAsOriginal(...cats([]), { scoreThreshold: NaN }), {
      message: 'evaluateAsOriginal: options.scoreThreshold is NaN, expected a number',
    });
  });
});
