import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../../core/errors';
import { readPicture } from './picture';

/** A BMP with the header of Windows 3. */
function bmp(
  width: number,
  height: number,
  bits: number,
  pixels: number[],
  palette: number[] = [],
  compression = 0,
) {
  const start = 54 + palette.length;
  const header = Buffer.alloc(54);
  header.write('BM');
  header.writeUInt32LE(start + pixels.length, 2);
  header.writeUInt32LE(start, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(width, 18);
  header.writeInt32LE(height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(bits, 28);
  header.writeUInt32LE(compression, 30);
  return Buffer.concat([header, Buffer.from(palette), Buffer.from(pixels)]);
}

// Two pixels above two others: red and green, blue and white.
const EXPECTED = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255];
const BLUE_WHITE = [255, 0, 0, 255, 255, 255, 0, 0];
const RED_GREEN = [0, 0, 255, 0, 255, 0, 0, 0];

test('24 bits a pixel, from below and from above', async () => {
  const up = await readPicture(bmp(2, 2, 24, [...BLUE_WHITE, ...RED_GREEN]));
  assert.deepEqual({ ...up, data: [...up.data] }, { data: EXPECTED, width: 2, height: 2 });
  const down = await readPicture(bmp(2, -2, 24, [...RED_GREEN, ...BLUE_WHITE]));
  assert.deepEqual([...down.data], EXPECTED);
});

test('32 bits a pixel: the fourth channel is passed over', async () => {
  const pixels = [255, 0, 0, 9, 255, 255, 255, 9, 0, 0, 255, 9, 0, 255, 0, 9];
  assert.deepEqual([...(await readPicture(bmp(2, 2, 32, pixels))).data], EXPECTED);
});

test('a palette of 1, 4 and 8 bits', async () => {
  const palette = [0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0];
  assert.deepEqual([...(await readPicture(bmp(2, 2, 8, [2, 3, 0, 0, 0, 1, 0, 0], palette))).data], EXPECTED);
  assert.deepEqual(
    [...(await readPicture(bmp(2, 2, 4, [0x23, 0, 0, 0, 0x01, 0, 0, 0], palette))).data],
    EXPECTED,
  );
  const two = await readPicture(bmp(2, 1, 1, [0x40, 0, 0, 0], palette));
  assert.deepEqual([...two.data], EXPECTED.slice(0, 6));
});

test('one that is cut off, compressed or claims more than it has is refused', async () => {
  const whole = bmp(2, 2, 24, [...BLUE_WHITE, ...RED_GREEN]);
  for (const file of [whole.subarray(0, -1), whole.subarray(0, 30), bmp(1 << 20, 1 << 20, 24, BLUE_WHITE)]) {
    await assert.rejects(readPicture(file), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, /is damaged or cut off/);
      return true;
    });
  }
  await assert.rejects(
    readPicture(bmp(2, 2, 8, BLUE_WHITE, [], 1)),
    /is a BMP of 8 bits a pixel, compressed, which/,
  );
  await assert.rejects(
    readPicture(bmp(2, 2, 16, BLUE_WHITE)),
    /is a BMP of 16 bits a pixel, which is not decoded/,
  );
});
