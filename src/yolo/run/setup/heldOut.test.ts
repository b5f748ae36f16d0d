import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dataset } from '../../data/dataset';
import { holdOut } from './heldOut';

function dataOf(count: number): Dataset {
  const items = Array.from({ length: count }, (_, place) => ({
    ...{ year: 'Year', key: `Year/${place}`, path: `${place}.jpg`, pictureHash: String(place) },
    annotation: { id: String(place), width: 10, height: 10, objects: [] },
  }));
  return { items, classes: ['thing'], fingerprint: 'all' } as unknown as Dataset;
}
const keysOf = ({ items }: Dataset) => items.map(({ key }) => key);

test('the two parts are the whole, in its order, and have other fingerprints', () => {
  const data = dataOf(50);
  const { train, heldOut } = holdOut(data, 0.1);
  assert.deepEqual([train.items.length, heldOut.items.length], [45, 5]);
  const held = new Set(keysOf(heldOut));
  assert.deepEqual(
    keysOf(train),
    keysOf(data).filter((key) => !held.has(key)),
  );
  assert.equal(new Set([data.fingerprint, train.fingerprint, heldOut.fingerprint]).size, 3);
});

test('a picture that is added takes the place of none but, perhaps, one', () => {
  const before = keysOf(holdOut(dataOf(50), 0.2).heldOut);
  const after = new Set(keysOf(holdOut(dataOf(51), 0.2).heldOut));
  assert.ok(before.filter((key) => !after.has(key)).length <= 1);
});

test('a part without pictures is an error', () => {
  assert.throws(
    () => holdOut(dataOf(4), 0.1),
    /heldOut is 0.1: of 4 pictures that is 0; expected some to hold out and some to train on/,
  );
  assert.throws(() => holdOut(dataOf(4), 0.9), /of 4 pictures that is 4/);
});
