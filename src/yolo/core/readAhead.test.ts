import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAhead } from './readAhead';

test('elements come in order, and so many are loaded ahead of the one in hand', async () => {
  const begun: number[] = [];
  const load = async (index: number) => {
    begun.push(index);
    return 10 * index;
  };
  const got: number[] = [];
  const atHand: number[] = [];
  for await (const element of readAhead({ from: 2, end: 6, ahead: 2 }, load)) {
    got.push(element);
    atHand.push(begun.length);
  }
  assert.deepEqual(got, [20, 30, 40, 50]);
  assert.deepEqual(atHand, [3, 4, 4, 4]);
});

test('an element that fails does so when it is due, and not at all where the loop was left before', async () => {
  const load = async (index: number) => {
    if (index === 1) throw new Error('the second is broken');
    return index;
  };
  const seen: number[] = [];
  const all = async () => {
    for await (const element of readAhead({ from: 0, end: 3, ahead: 3 }, load)) seen.push(element);
  };
  await assert.rejects(all, /the second is broken/);
  assert.deepEqual(seen, [0]);
  for await (const element of readAhead({ from: 0, end: 3, ahead: 3 }, load)) {
    assert.equal(element, 0);
    break;
  }
  for await (const _ of readAhead({ from: 3, end: 3, ahead: 1 }, load)) assert.fail('there is none');
});
