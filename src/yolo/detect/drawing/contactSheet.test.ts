import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contactSheet } from './contactSheet';

const filled = (value: number, width = 30) => ({
  title: `grey ${value}`,
  picture: { data: new Uint8Array(width * 30 * 3).fill(value), width, height: 30 },
  boxes: [{ name: 'cat', classIndex: 0, box: { left: 5, top: 5, right: 20, bottom: 20 } }],
});

test('pictures stand in rows with their boxes, white between them', async () => {
  const sheet = await contactSheet([[filled(10), filled(90)], [filled(200)]]);
  // 8 pixels between pictures of 30, 20 for a title.
  assert.deepEqual([sheet.width, sheet.height], [84, 124]);
  const pixel = (x: number, y: number) => [...sheet.data.subarray((y * 84 + x) * 3, (y * 84 + x) * 3 + 3)];
  const [first, second, below] = [pixel(36, 56), pixel(74, 56), pixel(36, 114)];
  assert.deepEqual(
    [first, second, below],
    [10, 90, 200].map((value) => [value, value, value]),
  );
  assert.deepEqual(pixel(13, 40), [0xff, 0xb0, 0x00]);
  assert.deepEqual(pixel(74, 114), [255, 255, 255]);
});

test('pictures of several sizes, or none, are refused', async () => {
  await assert.rejects(contactSheet([[filled(1), filled(2, 31)]]), {
    message: "contactSheet: 'grey 2' has 31 x 30 pixels, expected 30 x 30 as the first",
  });
  await assert.rejects(contactSheet([[]]), /got no picture/);
});
