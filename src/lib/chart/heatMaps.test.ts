import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heatMaps } from './heatMaps';

const texts = { label: 'maps', caption: 'Two maps.', alt: 'Two maps.', runs: [] };
const maps = {
  'epoch 1': [
    [0, 0.5],
    [0.25, Number.NaN],
  ],
  'epoch 2': [
    [0, 0.1],
    [0.2, 1],
  ],
};

test('small multiples have a title each, one legend, and a row of the table for every cell', async () => {
  const { svg, data } = await heatMaps({ maps, valueTitle: 'confidence' }, texts);
  const words = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((match) => match[1]);
  for (const title of ['epoch 1', 'epoch 2', 'row', 'column']) assert.ok(words.includes(title), title);
  assert.equal(words.filter((word) => word === 'confidence').length, 1);
  assert.equal(data.length, 8);
  assert.deepEqual(data[1], { map: 'epoch 1', row: 0, column: 1, confidence: 0.5 });
  assert.equal(data[3].confidence, null);
});

test('maps keep the order that they are given in', async () => {
  const [one, two] = Object.values(maps);
  const { svg } = await heatMaps({ maps: { 'epoch 10': two, 'epoch 2': one }, valueTitle: 'c' }, texts);
  assert.ok(svg.indexOf('>epoch 10<') < svg.indexOf('>epoch 2<'));
});

test('one scale of colours: the same value has the same colour in every map', async () => {
  const colours = async (domain?: [number, number]) => {
    const { svg } = await heatMaps({ maps, valueTitle: 'confidence', domain }, texts);
    return [...svg.matchAll(/<path d="[^"]*" fill="(rgb\([^"]*\))"/g)].map((match) => match[1]);
  };
  // The zeros of both maps are first and, after the three values of the first map, fourth.
  const drawn = await colours();
  assert.equal(drawn[0], drawn[3]);
  assert.notEqual(drawn[1], drawn[4]);
  assert.notEqual((await colours([0, 2]))[1], drawn[1]);
});

test('no map, and maps of another size or not square, are refused', async () => {
  await assert.rejects(heatMaps({ maps: {}, valueTitle: 'c' }, texts), /maps: got none/);
  await assert.rejects(
    heatMaps({ maps: { a: [[1]], b: [[1, 2]] }, valueTitle: 'c' }, texts),
    /map 'b': got 1 rows of 2 cells, expected 1 rows of 1/,
  );
});
