import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { mapConcurrently } from './mapConcurrently';

test('results are in order, never more calls under way than allowed', async () => {
  let underWay = 0;
  let most = 0;
  const results = await mapConcurrently([30, 1, 20, 1, 10], 2, async (delay, index) => {
    most = Math.max(most, ++underWay);
    await setTimeout(delay);
    underWay--;
    return index * 10;
  });
  assert.deepEqual(results, [0, 10, 20, 30, 40]);
  assert.equal(most, 2);
  assert.deepEqual(await mapConcurrently([], 2, async () => 1), []);
});

test('the failure that stands first is thrown though a later one came first, and no new call is started', async () => {
  const started: number[] = [];
  await assert.rejects(
    mapConcurrently([20, 1, 1, 1], 2, async (delay, index) => {
      started.push(index);
      await setTimeout(delay);
      throw new Error(`failure ${index}`);
    }),
    /^Error: failure 0$/,
  );
  assert.deepEqual(started, [0, 1]);
});
