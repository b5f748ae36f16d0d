import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { UserError } from '../../core/errors';
import { Random } from '../../core/random';
import {
  type AugmentationSpec,
  CROP_EXPAND_AUGMENTATION,
  checkAugmentation,
  PAPER_AUGMENTATION,
  planAugmentation,
} from './augment';

const item = { key: 'VOC2012/a', annotation: { width: 500, height: 375 } };
const others = ['b', 'c', 'd'].map((id) => ({
  key: `VOC2012/${id}`,
  annotation: { width: 400, height: 300 },
}));
const seeds = Array.from({ length: 400 }, (_, seed) => seed);

function plan(spec: AugmentationSpec, seed: number) {
  return planAugmentation(spec, item, new Random(seed), others);
}

function range(values: readonly number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)];
}

/** Asserts that values lie within a range and come near both ends. */
function fills(values: readonly number[], low: number, high: number): void {
  const [least, most] = range(values);
  const slack = 0.06 * (high - low);
  assert.ok(least >= low - 1e-9 && most <= high + 1e-9, `${least} to ${most}, not within ${low} to ${high}`);
  assert.ok(
    least < low + slack && most > high - slack,
    `${least} to ${most} does not fill ${low} to ${high}`,
  );
}

test('equal seeds draw equal plans, others draw others', () => {
  const spec = { ...PAPER_AUGMENTATION, mosaic: 0.5 };
  assert.deepEqual(plan(spec, 3), plan(spec, 3));
  assert.equal(new Set(seeds.map((seed) => JSON.stringify(plan(spec, seed)))).size, 400);
  assert.deepEqual(JSON.parse(JSON.stringify(plan(spec, 3))), plan(spec, 3));
});

test('no augmentation is the whole picture, stretched', () => {
  assert.deepEqual(plan({ fit: 'stretch' }, 1), {
    tiles: [
      {
        key: 'VOC2012/a',
        window: { left: 0, top: 0, right: 500, bottom: 375 },
        place: { left: 0, top: 0, right: 1, bottom: 1 },
        flip: false,
      },
    ],
  });
});

test("the paper's augmentation moves each edge by up to 20 % and colours by up to 1.5", () => {
  const plans = seeds.map((seed) => plan(PAPER_AUGMENTATION, seed));
  const windows = plans.map(({ tiles }) => tiles[0].window);
  fills(
    windows.map(({ left }) => left),
    -100,
    100,
  );
  fills(
    windows.map(({ right }) => right),
    400,
    600,
  );
  fills(
    windows.map(({ top }) => top),
    -75,
    75,
  );
  fills(
    windows.map(({ bottom }) => bottom),
    300,
    450,
  );
  fills(
    plans.map(({ colour }) => colour!.exposure!),
    1 / 1.5,
    1.5,
  );
  fills(
    plans.map(({ colour }) => colour!.saturation!),
    1 / 1.5,
    1.5,
  );
  const flipped = plans.filter(({ tiles }) => tiles[0].flip).length;
  // Five standard deviations of 400 coins: 50.
  assert.ok(Math.abs(flipped - 200) < 50, `${flipped} of 400 are flipped`);
});

test('crop and expand keep size and form in their ranges, and the picture and window within each other', () => {
  const plans = seeds.map((seed) => plan(CROP_EXPAND_AUGMENTATION, seed));
  const windows = plans.map(({ tiles }) => tiles[0].window);
  const sides = windows.map(({ left, top, right, bottom }) => [(right - left) / 500, (bottom - top) / 375]);
  fills(
    sides.map(([x, y]) => Math.sqrt(x * y)),
    0.5,
    1.4,
  );
  fills(
    sides.map(([x, y]) => x / y),
    0.8,
    1.25,
  );
  for (const { left, right } of windows) {
    assert.ok(
      right - left <= 500 ? left >= 0 && right <= 500 : left <= 0 && right >= 500,
      `${left} ${right}`,
    );
  }
  fills(
    plans.map(({ colour }) => colour!.contrast!),
    0.7,
    1.4,
  );
});

test('a letterboxed picture keeps its form in the square input', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 1, max: 2000 }), (width, height) => {
      const picture = { key: 'a', annotation: { width, height } };
      const [{ window }] = planAugmentation({ fit: 'letterbox' }, picture, new Random(0)).tiles;
      assert.ok(Math.abs(window.right - window.left - (window.bottom - window.top)) < 1e-6);
      assert.ok(Math.abs(window.right - window.left - Math.max(width, height)) < 1e-6);
      assert.ok(Math.abs(window.left + window.right - width) < 1e-6);
      assert.ok(Math.abs(window.top + window.bottom - height) < 1e-6);
    }),
  );
});

test('a mosaic of four covers the input without gap or overlap, this picture first', () => {
  for (const seed of seeds.slice(0, 50)) {
    const { tiles } = plan({ fit: 'stretch', mosaic: 1 }, seed);
    assert.equal(tiles.length, 4);
    assert.equal(tiles[0].key, 'VOC2012/a');
    assert.ok(tiles.slice(1).every(({ key }) => /^VOC2012\/[bcd]$/.test(key)));
    const covered = tiles.reduce(
      (sum, { place }) => sum + (place.right - place.left) * (place.bottom - place.top),
      0,
    );
    assert.ok(Math.abs(covered - 1) < 1e-12);
    const [{ place }] = tiles;
    assert.ok(place.right >= 0.25 && place.right <= 0.75 && place.bottom >= 0.25 && place.bottom <= 0.75);
  }
  const mosaics = seeds.filter(
    (seed) => plan({ fit: 'stretch', mosaic: 0.3 }, seed).tiles.length === 4,
  ).length;
  // Five standard deviations: 5 sqrt(400 * .3 * .7) = 46.
  assert.ok(Math.abs(mosaics - 120) < 46, `${mosaics} of 400`);
});

test('alone, a picture is in no mosaic', () => {
  assert.equal(planAugmentation({ fit: 'stretch', mosaic: 1 }, item, new Random(0)).tiles.length, 1);
});

test('impossible settings are refused by name, the given ones pass', () => {
  for (const spec of [{ fit: 'stretch' } as const, PAPER_AUGMENTATION, CROP_EXPAND_AUGMENTATION])
    checkAugmentation(spec);
  const wrong: [unknown, RegExp][] = [
    [{ fit: 'pad' }, /^augmentation\.fit: got 'pad', expected 'stretch' or 'letterbox'$/],
    [{ fit: 'stretch', flip: 2 }, /^augmentation\.flip: got 2, expected a probability from 0 to 1$/],
    [{ fit: 'stretch', mosaic: -1 }, /^augmentation\.mosaic: got -1/],
    [{ fit: 'stretch', shift: 0.5 }, /^augmentation\.shift: got 0\.5, expected a share/],
    [{ fit: 'stretch', hsv: { exposure: 0.5, saturation: 1 } }, /^augmentation\.hsv\.exposure: got 0\.5/],
    [{ fit: 'stretch', zoom: { scale: [2, 1], aspect: [1, 1] } }, /^augmentation\.zoom\.scale: got \[2, 1\]/],
    [
      { fit: 'stretch', zoom: { scale: [1, 1], aspect: 1 } },
      /^augmentation\.zoom\.aspect: got 1, expected two numbers/,
    ],
  ];
  for (const [spec, message] of wrong) {
    assert.throws(
      () => checkAugmentation(spec as AugmentationSpec),
      (error: Error) => error instanceof UserError && message.test(error.message),
    );
  }
});
