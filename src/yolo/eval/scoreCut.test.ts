import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../core/random';
import { bestScoreCut } from './scoreCut';
import { detectionTable } from './table/detectionTable';
import { groundTruthTable } from './table/groundTruthTable';

const RIGHT = { left: 10, top: 10, right: 40, bottom: 40 };
const WRONG = { left: 60, top: 60, right: 90, bottom: 90 };

/** One picture per object that counts, and what was found in it: scores of right and of wrong boxes. */
function tables(pictures: readonly { right?: number; wrong?: number[]; difficult?: boolean }[]) {
  const truth = groundTruthTable(
    pictures.map(({ difficult = false }, place) => ({
      key: `Year/${place}`,
      annotation: {
        ...{ id: String(place), width: 100, height: 100 },
        objects: [{ name: 'thing', box: RIGHT, difficult }],
      },
    })),
    ['thing'],
  );
  const detections = detectionTable(
    truth.index,
    pictures.map(({ right, wrong = [] }, place) => ({
      key: `Year/${place}`,
      detections: [
        ...(right === undefined ? [] : [{ classIndex: 0, score: right, box: RIGHT }]),
        ...wrong.map((score) => ({ classIndex: 0, score, box: WRONG })),
      ],
    })),
  );
  return [detections, truth] as const;
}

test('the cut lies where F1 is largest, between two scores', () => {
  // Down to .6: 2 of 2 right, of 3 objects: F1 4/5. Down to .2: 3 of 5 right: F1 6/8.
  const found = tables([{ right: 0.9 }, { right: 0.6, wrong: [0.4, 0.3] }, { right: 0.2 }]);
  assert.deepEqual(bestScoreCut(...found), { score: 0.5, precision: 1, recall: 2 / 3 });
});

test('equal scores are shown together, and objects that are difficult count neither way', () => {
  assert.deepEqual(
    bestScoreCut(
      ...tables([
        { right: 0.5, wrong: [0.5] },
        { right: 0.8, difficult: true },
      ]),
    ),
    { score: 0.25, precision: 0.5, recall: 1 },
  );
});

test('no right detection, no cut', () => {
  assert.equal(bestScoreCut(...tables([{ wrong: [0.9] }])), undefined);
  assert.equal(bestScoreCut(...tables([{}])), undefined);
});

test('no other cut has a larger F1', () => {
  const random = new Random('scores');
  for (let round = 0; round < 20; round++) {
    const pictures = Array.from({ length: 12 }, () => ({
      right: Math.round(random.uniform(0, 1) * 10) / 10,
      wrong: [Math.round(random.uniform(0, 1) * 10) / 10],
    }));
    const worth = (least: number) => {
      const right = pictures.filter((one) => one.right > least).length;
      const shown = right + pictures.filter(({ wrong }) => wrong[0] > least).length;
      return (2 * right) / (shown + pictures.length);
    };
    const cut = bestScoreCut(...tables(pictures))!;
    for (let least = 0; least <= 1; least += 0.025) assert.ok(worth(least) <= worth(cut.score) + 1e-12);
  }
});
