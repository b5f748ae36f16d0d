import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Picture } from '../picture/picture';
import { type Frame, resample } from './resample';

const fixture = require('./fixtures/pixels.json') as {
  width: number;
  height: number;
  pixels: number[];
  resized: { width: number; height: number; window: [number, number, number, number]; pixels: number[] }[];
};
const picture: Picture = {
  data: Uint8Array.from(fixture.pixels),
  width: fixture.width,
  height: fixture.height,
};

function emptyFrame(width: number, height: number): Frame {
  return { data: new Float32Array(width * height * 3).fill(-1), width, height };
}

function pixel({ data, width }: Frame, x: number, y: number): number {
  return data[(y * width + x) * 3];
}

test('resizes as PIL does: smaller, larger, both at once, and a window between pixels', () => {
  for (const { width, height, window, pixels } of fixture.resized) {
    const frame = emptyFrame(width, height);
    const [left, top, right, bottom] = window;
    const place = { left: 0, top: 0, right: width, bottom: height };
    resample(picture, frame, { window: { left, top, right, bottom }, place, flip: false });
    const largest = Math.max(...pixels.map((value, i) => Math.abs(value - frame.data[i])));
    // PIL rounds to whole numbers twice, after the columns and after the rows.
    assert.ok(largest <= 1.01, `${width} x ${height}: differs by ${largest}`);
  }
});

test('keeps every pixel where nothing is resized', () => {
  const frame = emptyFrame(13, 9);
  const whole = { left: 0, top: 0, right: 13, bottom: 9 };
  resample(picture, frame, { window: whole, place: whole, flip: false });
  assert.deepEqual([...frame.data], fixture.pixels);
});

test('a flip mirrors the drawn pixels exactly', () => {
  const place = { left: 0, top: 0, right: 10, bottom: 6 };
  const window = { left: 1.5, top: 0, right: 9, bottom: 7.5 };
  const [straight, mirrored] = [emptyFrame(10, 6), emptyFrame(10, 6)];
  resample(picture, straight, { window, place, flip: false });
  resample(picture, mirrored, { window, place, flip: true });
  for (let y = 0; y < 6; y++) {
    for (let x = 0; x < 10; x++) {
      assert.ok(Math.abs(pixel(mirrored, x, y) - pixel(straight, 9 - x, y)) < 1e-3);
    }
  }
});

test('leaves the frame as it was beyond the picture and beyond the place', () => {
  const frame = emptyFrame(8, 8);
  const grey: Picture = { data: new Uint8Array(4 * 4 * 3).fill(100), width: 4, height: 4 };
  // The picture covers the middle half of the window, the window the left half of the frame.
  resample(grey, frame, {
    window: { left: -2, top: -2, right: 6, bottom: 6 },
    place: { left: 0, top: 0, right: 4, bottom: 8 },
    flip: false,
  });
  const rows = Array.from({ length: 8 }, (_, y) =>
    Array.from({ length: 8 }, (_, x) => (pixel(frame, x, y) === -1 ? '.' : '#')).join(''),
  );
  assert.deepEqual(rows, [
    '........',
    '........',
    '.##.....',
    '.##.....',
    '.##.....',
    '.##.....',
    '........',
    '........',
  ]);
  assert.ok(frame.data.every((value) => value === -1 || Math.abs(value - 100) < 1e-4));
});

test('a ramp stays the same ramp under any window and size: nothing is shifted', () => {
  const ramp: Picture = { data: new Uint8Array(40 * 2 * 3), width: 40, height: 2 };
  for (let i = 0; i < 80; i++) ramp.data.fill((i % 40) * 5, i * 3, i * 3 + 3);
  fc.assert(
    fc.property(
      fc.double({ min: 4, max: 12, noNaN: true }),
      fc.double({ min: 16, max: 36, noNaN: true }),
      fc.integer({ min: 1, max: 90 }),
      (left, right, size) => {
        const frame = emptyFrame(size, 1);
        const place = { left: 0, top: 0, right: size, bottom: 1 };
        resample(ramp, frame, { window: { left, top: 0, right, bottom: 2 }, place, flip: false });
        const scale = (right - left) / size;
        for (let x = 0; x < size; x++) {
          const centre = left + (x + 0.5) * scale;
          // Where the filter reaches over the picture's edge, it is no longer symmetric.
          const support = Math.max(1, scale);
          if (centre - support < 0 || centre + support > 40) continue;
          // Weights at whole pixels: the triangle's mean is off by at most a fraction of a pixel.
          assert.ok(Math.abs(pixel(frame, x, 0) - 5 * (centre - 0.5)) < 5 * 0.13, `${x} of ${size}`);
        }
      },
    ),
  );
});

test('a window or place outside the frame draws nothing and does not fail', () => {
  const frame = emptyFrame(4, 4);
  const place = { left: 0, top: 0, right: 4, bottom: 4 };
  resample(picture, frame, { window: { left: 50, top: 0, right: 60, bottom: 9 }, place, flip: false });
  const outside = { left: 9, top: 0, right: 12, bottom: 4 };
  resample(picture, frame, { window: { left: 0, top: 0, right: 13, bottom: 9 }, place: outside, flip: true });
  assert.ok(frame.data.every((value) => value === -1));
});
