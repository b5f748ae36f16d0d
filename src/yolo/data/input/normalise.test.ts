import assert from 'node:assert/strict';
import { test } from 'node:test';
import { denormalise, normalise } from './normalise';

test('black and white become the numbers that torchvision gives', () => {
  const pixels = normalise(Float32Array.of(0, 0, 0, 255, 255, 255));
  const expected = [-2.117904, -2.035714, -1.804444, 2.248908, 2.428571, 2.64];
  for (const [i, value] of expected.entries()) assert.ok(Math.abs(pixels[i] - value) < 1e-5, `${pixels}`);
});

test('values that are not three a pixel are refused', () => {
  assert.throws(
    () => normalise(new Float32Array(4)),
    /^UserError: normalise: pixels has 4 values, expected three a pixel$/,
  );
});

test('denormalise gives every colour back', () => {
  const colours = Array.from({ length: 256 * 3 }, (_, i) => Math.floor(i / 3));
  assert.deepEqual([...denormalise(normalise(Float32Array.from(colours)))], colours);
});
