import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { area, type Box } from '../../grid/box';
import { resample } from '../input/resample';
import type { Picture } from '../picture/picture';
import { moveBox, moveObjects } from './boxes';
import { WHOLE } from './plan';

const anyBox = (low: number, high: number): fc.Arbitrary<Box> =>
  fc
    .tuple(
      fc.double({ min: low, max: high - 1, noNaN: true }),
      fc.double({ min: low, max: high - 1, noNaN: true }),
      fc.double({ min: 1, max: high - low, noNaN: true }),
      fc.double({ min: 1, max: high - low, noNaN: true }),
    )
    .map(([left, top, width, height]) => ({
      left,
      top,
      right: Math.min(high, left + width),
      bottom: Math.min(high, top + height),
    }));

const anyPlace = anyBox(0, 20).map(({ left, top, right, bottom }) => ({
  left: left / 20,
  top: top / 20,
  right: right / 20,
  bottom: bottom / 20,
}));
const anyTile = fc.record({ window: anyBox(-100, 600), place: anyPlace, flip: fc.boolean() });

function close(actual: Box, expected: Box): void {
  for (const edge of ['left', 'top', 'right', 'bottom'] as const) {
    assert.ok(Math.abs(actual[edge] - expected[edge]) < 1e-6, JSON.stringify({ actual, expected }));
  }
}

test('a box of the plain picture is divided by its size', () => {
  const tile = { window: { left: 0, top: 0, right: 500, bottom: 400 }, place: WHOLE, flip: false };
  close(moveBox({ left: 50, top: 100, right: 250, bottom: 400 }, tile), {
    left: 0.1,
    top: 0.25,
    right: 0.5,
    bottom: 1,
  });
  close(moveBox({ left: 50, top: 100, right: 250, bottom: 400 }, { ...tile, flip: true }), {
    left: 0.5,
    top: 0.25,
    right: 0.9,
    bottom: 1,
  });
});

test('a crop in the lower right quarter of a mosaic, mirrored', () => {
  const place = { left: 0.5, top: 0.5, right: 1, bottom: 1 };
  const window = { left: 100, top: 50, right: 300, bottom: 150 };
  close(moveBox({ left: 120, top: 60, right: 180, bottom: 100 }, { window, place, flip: true }), {
    left: 0.8,
    top: 0.55,
    right: 0.95,
    bottom: 0.75,
  });
});

test('flipping twice is not flipping', () => {
  fc.assert(
    fc.property(anyBox(0, 500), anyTile, (box, { window, place }) => {
      const once = moveBox(box, { window, place, flip: true });
      const mirrorOfPlace = { window: place, place, flip: true };
      close(moveBox(once, mirrorOfPlace), moveBox(box, { window, place, flip: false }));
    }),
  );
});

test('the window itself fills the place, and every box keeps its share of it', () => {
  fc.assert(
    fc.property(anyBox(0, 500), anyTile, (box, tile) => {
      close(moveBox(tile.window, tile), tile.place);
      const share = area(box) / area(tile.window);
      assert.ok(Math.abs(area(moveBox(box, tile)) - share * area(tile.place)) < 1e-6 * (1 + share));
    }),
  );
});

test('what is kept lies within its place and has more than the stated share of its area left', () => {
  fc.assert(
    fc.property(anyBox(0, 500), anyTile, fc.double({ min: 0, max: 0.9, noNaN: true }), (box, tile, share) => {
      const kept = moveObjects([{ name: 'dog', box, difficult: true }], tile, share);
      const whole = moveBox(box, tile);
      for (const object of kept) {
        assert.deepEqual([object.name, object.difficult], ['dog', true]);
        assert.ok(object.box.left >= tile.place.left && object.box.right <= tile.place.right);
        assert.ok(object.box.top >= tile.place.top && object.box.bottom <= tile.place.bottom);
        assert.ok(area(object.box) > share * area(whole));
      }
    }),
  );
});

test('an object is dropped when exactly the stated share is left, kept when more is', () => {
  const tile = { window: { left: 0, top: 0, right: 100, bottom: 100 }, place: WHOLE, flip: false };
  const cut = (right: number) =>
    moveObjects([{ name: 'cat', box: { left: 50, top: 0, right, bottom: 10 }, difficult: false }], tile, 0.5);
  assert.equal(cut(150).length, 0);
  close(cut(149)[0].box, { left: 0.5, top: 0, right: 1, bottom: 0.1 });
});

test('boxes follow the pixels: a white rectangle is where its box says', () => {
  const picture: Picture = { data: new Uint8Array(60 * 50 * 3), width: 60, height: 50 };
  const box = { left: 20, top: 15, right: 44, bottom: 31 };
  for (let y = box.top; y < box.bottom; y++) {
    picture.data.fill(255, (y * 60 + box.left) * 3, (y * 60 + box.right) * 3);
  }
  for (const flip of [false, true]) {
    for (const window of [
      { left: 0, top: 0, right: 60, bottom: 50 },
      { left: 10.5, top: 3.25, right: 57, bottom: 41 },
      { left: -20, top: -10, right: 80, bottom: 70 },
    ]) {
      const size = 96;
      const frame = { data: new Float32Array(size * size * 3), width: size, height: size };
      resample(picture, frame, { window, place: { left: 0, top: 0, right: size, bottom: size }, flip });
      const [xs, ys]: [number[], number[]] = [[], []];
      for (let i = 0; i < size * size; i++) {
        if (frame.data[i * 3] < 127.5) continue;
        xs.push(i % size);
        ys.push(Math.floor(i / size));
      }
      const seen = {
        left: Math.min(...xs),
        top: Math.min(...ys),
        right: Math.max(...xs) + 1,
        bottom: Math.max(...ys) + 1,
      };
      const said = moveBox(box, { window, place: WHOLE, flip });
      for (const edge of ['left', 'top', 'right', 'bottom'] as const) {
        assert.ok(
          Math.abs(seen[edge] - said[edge] * size) <= 1,
          `${edge}: ${seen[edge]} and ${said[edge] * size}`,
        );
      }
    }
  }
});
