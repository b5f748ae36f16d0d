import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawDetections } from './drawDetections';

// Too small for tags, so that it has the same pixels on machines with and without fonts.
const grey = { data: new Uint8Array(32 * 30 * 3).fill(128), width: 32, height: 30 };
const found = (left: number) => [
  { classIndex: 0, name: 'cat', score: 0.9, box: { left, top: 8, right: 24, bottom: 20 } },
];

test('the box has the colour of its class, inside and outside the picture stays as it was', async () => {
  const drawn = await drawDetections(grey, found(8));
  const pixel = (x: number, y: number) => [...drawn.data.subarray((y * 32 + x) * 3, (y * 32 + x) * 3 + 3)];
  assert.deepEqual([drawn.width, drawn.height], [32, 30]);
  assert.deepEqual(pixel(24, 14), [0xff, 0xb0, 0x00]);
  assert.deepEqual(pixel(8, 14), [0xff, 0xb0, 0x00]);
  assert.deepEqual(pixel(30, 25), [128, 128, 128]);
  assert.deepEqual(pixel(16, 14), [128, 128, 128]);
  assert.ok(
    grey.data.every((value) => value === 128),
    'the picture that was given is left as it was',
  );
});

test('pixels that are no picture and boxes that are none are refused', async () => {
  await assert.rejects(drawDetections({ ...grey, height: 31 }, []), {
    message:
      'drawDetections: picture.data has 2880 bytes, expected 2976, red, green and blue of 32 x 31 pixels',
  });
  await assert.rejects(drawDetections(grey, found(Number.NaN)), {
    message:
      'drawDetections: detections[0]: box is left NaN, top 8, right 24, bottom 20; expected finite left < right and top < bottom',
  });
});
