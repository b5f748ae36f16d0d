import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeColours } from './colour';

const fixture = require('../input/fixtures/pixels.json') as {
  pixels: number[];
  enhanced: { name: 'brightness' | 'colour' | 'contrast'; factor: number; pixels: number[] }[];
  hsv: { saturation: number; exposure: number; pixels: number[] }[];
};

function largestDifference(a: ArrayLike<number>, b: readonly number[]): number {
  return Math.max(...b.map((value, i) => Math.abs(value - a[i])));
}

test('brightness, colour and contrast are those of PIL', () => {
  for (const { name, factor, pixels } of fixture.enhanced) {
    const ours = Float32Array.from(fixture.pixels);
    changeColours(ours, { [name]: factor });
    // PIL cuts decimals off, and rounds the grey before it blends.
    assert.ok(largestDifference(ours, pixels) < 1.6, `${name} ${factor}`);
  }
});

test('saturation and exposure are those of a way through HSV', () => {
  for (const { saturation, exposure, pixels } of fixture.hsv) {
    const ours = Float32Array.from(fixture.pixels);
    changeColours(ours, { saturation, exposure });
    assert.ok(largestDifference(ours, pixels) < 0.01, `${saturation} ${exposure}`);
  }
});

test('factors of 1 change nothing, factors of 0 take everything away', () => {
  const same = Float32Array.from(fixture.pixels);
  changeColours(same, { exposure: 1, saturation: 1, brightness: 1, colour: 1, contrast: 1 });
  assert.deepEqual([...same], fixture.pixels);
  const black = Float32Array.from(fixture.pixels);
  changeColours(black, { brightness: 0 });
  assert.ok(black.every((value) => value === 0));
  const grey = Float32Array.of(200, 100, 0);
  changeColours(grey, { colour: 0 });
  assert.ok(
    grey.every((value) => Math.abs(value - 118.5) < 1e-4),
    `${grey}`,
  );
});
