import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bestEpoch, choiceInWords, isExhausted } from './bestEpoch';

const after = (...maps: number[]) => maps.map((map, epoch) => ({ epoch, map }));

test('the best epoch is one that was trained, the last of equals', () => {
  assert.deepEqual(bestEpoch(after(0.9, 0.1, 0.3, 0.3, 0.2)), { epoch: 3, map: 0.3 });
});

test('so many evaluations in a row without a better mAP end a training, and no fewer', () => {
  assert.equal(isExhausted(after(0.5, 0.1, 0.3, 0.3, 0.2), 2), true);
  assert.equal(isExhausted(after(0.5, 0.1, 0.3, 0.3, 0.31), 2), false);
  assert.equal(isExhausted(after(0.5, 0.3, 0.2), 2), false);
  assert.equal(isExhausted(after(0.5, 0.3, 0.2, 0.1), null), false);
});

test('what was chosen is told with its score cut, or that there is none', () => {
  const chosen = { pictures: 12, epoch: 3, map: 0.25 };
  assert.equal(
    choiceInWords({ ...chosen, scoreCut: { score: 0.3, precision: 0.5, recall: 0.4 } }),
    'kept: the network of epoch 3, mAP@.5 0.2500 on 12 held-out pictures; ' +
      'shown from a score of 0.300 on (precision 0.50, recall 0.40)',
  );
  assert.match(choiceInWords(chosen), /nothing found in them, so no score cut is stored$/);
});
