import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { confidenceHistogram, falsePositivesPerPicture } from './confidence';
import { analyseErrors } from './errorAnalysis';
import { detectionTable } from './table/detectionTable';
import { groundTruthTable } from './table/groundTruthTable';

const CLASSES = ['bottle', 'cat', 'cow', 'dog'];

/** One object a class and picture, each 10 x 10, side by side; pictures 'a' and 'b'. */
function scene() {
  const objects = ['cat', 'cow', 'dog', 'bottle'].map((name, index) => ({
    name,
    difficult: name === 'cow',
    box: { left: 20 * index, top: 0, right: 20 * index + 10, bottom: 10 },
  }));
  const extra = [60, 80].map((top) => ({
    name: 'cat',
    difficult: false,
    box: { left: 0, top, right: 10, bottom: top + 10 },
  }));
  return groundTruthTable(
    ['a', 'b'].map((key) => ({
      key,
      annotation: { id: key, width: 100, height: 100, objects: [...objects, ...extra] },
    })),
    CLASSES,
  );
}

/** Detections of class `cat` in picture 'a': score, left, top, with size 10 x 10. */
function cats(rows: Array<[score: number, left: number, top: number]>) {
  const groundTruth = scene();
  const detections = detectionTable(groundTruth.index, [
    {
      key: 'a',
      detections: rows.map(([score, left, top]) => ({
        classIndex: 1,
        score,
        box: { left, top, right: left + 10, bottom: top + 10 },
      })),
    },
  ]);
  return { groundTruth, detections };
}

describe('analyseErrors', () => {
  it('tells the five kinds apart, similar classes before others', () => {
    const { detections, groundTruth } = cats([
      [0.9, 0, 0], // the cat
      [0.8, 0, 1], // the cat again: localisation
      [0.7, 0, 66], // .4 of the second cat: localisation
      [0.6, 40, 0], // the dog: an animal too
      [0.5, 60, 0], // the bottle
      [0.4, 90, 90], // nothing
      [0.3, 0, 60], // a cat, beyond the six most confident
    ]);
    const { classes, shares } = analyseErrors(detections, groundTruth);
    assert.deepEqual(classes[1], {
      name: 'cat',
      objects: 6,
      examined: 6,
      counts: { correct: 1, localisation: 2, similar: 1, other: 1, background: 1 },
    });
    // Only cats were detected, so that they are the mean.
    assert.deepEqual(shares, {
      correct: 1 / 6,
      localisation: 2 / 6,
      similar: 1 / 6,
      other: 1 / 6,
      background: 1 / 6,
    });
  });

  it('calls a detection similar where it touches an object of another class as well', () => {
    const { detections, groundTruth } = cats([[0.9, 50, 0]]);
    // Between dog (40..50) and bottle (60..70) it touches neither; moved and widened it touches both.
    assert.equal(analyseErrors(detections, groundTruth).classes[1].counts.background, 1);
    const wide = detectionTable(groundTruth.index, [
      {
        key: 'a',
        detections: [{ classIndex: 1, score: 1, box: { left: 40, top: 0, right: 70, bottom: 10 } }],
      },
    ]);
    assert.equal(analyseErrors(wide, groundTruth).classes[1].counts.similar, 1);
    assert.equal(analyseErrors(wide, groundTruth, []).classes[1].counts.other, 1);
  });

  it('passes over detections of difficult objects, and counts difficult objects of other classes as objects', () => {
    const groundTruth = scene();
    const detections = detectionTable(groundTruth.index, [
      {
        key: 'a',
        detections: [1, 2].map((classIndex) => ({
          classIndex,
          score: 1,
          box: { left: 20, top: 0, right: 30, bottom: 10 },
        })),
      },
    ]);
    const { classes } = analyseErrors(detections, groundTruth);
    assert.equal(classes[1].counts.similar, 1);
    assert.equal(classes[2].examined, 0);
  });
});

describe('confidenceHistogram', () => {
  it('counts right, wrong and ignored detections by bin, both ends of the scale included', () => {
    const { detections, groundTruth } = cats([
      [1, 0, 0],
      [0.25, 0, 0],
      [0.2, 90, 90],
      [0, 0, 60],
    ]);
    const { edges, truePositives, falsePositives, ignored } = confidenceHistogram(detections, groundTruth, {
      bins: 4,
    });
    assert.deepEqual([...edges], [0, 0.25, 0.5, 0.75, 1]);
    assert.deepEqual([...truePositives], [1, 0, 0, 1]);
    assert.deepEqual([...falsePositives], [1, 1, 0, 0]);
    assert.deepEqual([...ignored], [0, 0, 0, 0]);
  });

  it('puts scores beyond 0..1, as of linear outputs, into the first and the last bin', () => {
    const { detections, groundTruth } = cats([
      [1.5, 0, 0],
      [-0.5, 90, 90],
    ]);
    const { truePositives, falsePositives } = confidenceHistogram(detections, groundTruth, { bins: 2 });
    assert.deepEqual([...truePositives], [0, 1]);
    assert.deepEqual([...falsePositives], [1, 0]);
  });

  it('refuses bins that are no number of bins', () => {
    const { detections, groundTruth } = cats([]);
    assert.throws(() => confidenceHistogram(detections, groundTruth, { bins: 0 }), {
      message: 'confidenceHistogram: options.bins is 0, expected a whole number above 0',
    });
  });
});

describe('falsePositivesPerPicture', () => {
  it('counts those with at least the score, over all pictures', () => {
    const { detections, groundTruth } = cats([
      [0.9, 0, 0],
      [0.5, 0, 0],
      [0.2, 90, 90],
    ]);
    assert.deepEqual(falsePositivesPerPicture(detections, groundTruth, [0, 0.5, 0.6]), [1, 0.5, 0]);
  });
});
