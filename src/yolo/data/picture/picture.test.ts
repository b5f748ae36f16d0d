import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import sharp from 'sharp';
import { UserError } from '../../core/errors';
import { toInput } from '../input/toInput';
import { generateScene } from '../scene/scene';
import { encodePicture } from './encodePicture';
import { type Picture, readPicture } from './picture';

let folder: string;
let scene: Picture;
let jpeg: Buffer;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'picture-'));
  scene = (await generateScene('picture', { width: 120, height: 80 })).picture;
  jpeg = await encodePicture(scene, 'jpeg');
});
after(() => rm(folder, { recursive: true }));

async function file(name: string, content: Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function refused(path: string, message: RegExp): Promise<void> {
  await assert.rejects(readPicture(path), (error) => {
    assert.ok(error instanceof UserError, `${error}`);
    assert.ok(error.message.startsWith(`${path}: `), error.message);
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /\n/);
    return true;
  });
}

/** One colour over a few pixels, as sharp makes it. */
function plain(
  background: { r: number; g: number; b: number; alpha?: number },
  channels: 3 | 4 = 3,
): sharp.Sharp {
  return sharp({ create: { width: 4, height: 3, channels, background } });
}

test('a PNG keeps every pixel, from a path and from memory', async () => {
  const png = await encodePicture(scene, 'png');
  assert.deepEqual(await readPicture(await file('scene.png', png)), scene);
  assert.deepEqual(await readPicture(png), scene);
});

test('a JPEG comes close and has the same size', async () => {
  const read = await readPicture(await file('scene.jpg', jpeg));
  assert.deepEqual([read.width, read.height, read.data.length], [120, 80, 120 * 80 * 3]);
  const error =
    read.data.reduce((sum, value, i) => sum + Math.abs(value - scene.data[i]), 0) / read.data.length;
  assert.ok(error < 4, `mean difference ${error}`);
});

test('grey, CMYK, 16-bit and palette pictures become 8-bit RGB', async () => {
  const grey = await plain({ r: 90, g: 90, b: 90 }).toColourspace('b-w').png().toBuffer();
  assert.equal((await sharp(grey).metadata()).channels, 1);
  assert.deepEqual([...(await readPicture(grey)).data.subarray(0, 3)], [90, 90, 90]);

  const cmyk = await plain({ r: 200, g: 40, b: 40 }).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
  assert.equal((await sharp(cmyk).metadata()).channels, 4);
  // Ink makes no pure red, so only roughly the same; read as if it were RGB it would be cyan.
  const [red, green, blue] = (await readPicture(cmyk)).data;
  assert.ok(red > 180 && green < 60 && blue < 60, `${red} ${green} ${blue}`);

  const deep = await plain({ r: 10, g: 20, b: 30 }).toColourspace('rgb16').png().toBuffer();
  assert.equal((await sharp(deep).metadata()).depth, 'ushort');
  assert.deepEqual([...(await readPicture(deep)).data.subarray(0, 3)], [10, 20, 30]);

  const palette = await plain({ r: 10, g: 200, b: 30 }).png({ palette: true }).toBuffer();
  assert.deepEqual([...(await readPicture(palette)).data.subarray(0, 3)], [10, 200, 30]);
});

test('transparency is laid on white', async () => {
  const half = await plain({ r: 255, g: 0, b: 0, alpha: 0.5 }, 4).png().toBuffer();
  const [red, green, blue] = (await readPicture(half)).data;
  assert.deepEqual([red, green, blue], [255, 127, 127]);
});

test('EXIF orientation is followed only if asked for', async () => {
  const turned = await sharp(jpeg).withMetadata({ orientation: 6 }).jpeg().toBuffer();
  const stored = await readPicture(turned);
  assert.deepEqual([stored.width, stored.height], [120, 80]);
  const upright = await readPicture(turned, { orient: true });
  assert.deepEqual([upright.width, upright.height], [80, 120]);
});

test('a missing picture, a folder and an empty file are named as such', async () => {
  await refused(
    join(folder, 'none.jpg'),
    /: no such picture; check the path or take its id out of the list$/,
  );
  await refused(folder, /: is no file; expected a picture$/);
  await refused(await file('empty.jpg', Buffer.alloc(0)), /: the file is empty; fetch the picture again$/);
});

test('a JPEG that is cut off anywhere is refused, never filled with grey', async () => {
  for (const share of [0.02, 0.2, 0.5, 0.8, 0.97]) {
    const cut = jpeg.subarray(0, Math.floor(jpeg.length * share));
    await refused(await file('cut.jpg', cut), /: (is damaged or cut off|can't be read as a picture)/);
  }
});

test('decoding several cut pictures beside whole ones gets each one right', async () => {
  const cut = await file('cut.jpg', jpeg.subarray(0, jpeg.length >> 1));
  const whole = await file('whole.jpg', jpeg);
  const results = await Promise.allSettled(
    Array.from({ length: 40 }, (_, i) => readPicture(i % 2 === 0 ? cut : whole)),
  );
  results.forEach(({ status }, i) => {
    assert.equal(status, i % 2 === 0 ? 'rejected' : 'fulfilled');
  });
});

test('a picture is read by its content, whatever its name: PNG, WebP, TIFF, GIF and AVIF named .jpg', async () => {
  for (const format of ['png', 'webp', 'tiff', 'gif', 'avif'] as const) {
    const encoded = await sharp(await encodePicture(scene, 'png'))
      .toFormat(format, { quality: 90 })
      .toBuffer();
    const { width, height } = await readPicture(await file(`${format}.jpg`, encoded));
    assert.deepEqual([width, height], [120, 80], format);
  }
});

test('what is no picture is refused, and formats that are not decoded are named', async () => {
  await refused(
    await file('text.jpg', Buffer.from('not a picture')),
    /: can't be read as a picture; expected a JPEG, PNG, WebP, BMP, TIFF, GIF or AVIF$/,
  );
  await refused(
    await file('zeros.jpg', Buffer.alloc(5000)),
    /: can't be read as a picture; expected a JPEG, PNG, WebP, BMP, TIFF, GIF or AVIF$/,
  );
  const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');
  await refused(
    await file('phone.jpg', heic),
    /: is HEIC, which can't be decoded here; .*convert the picture$/,
  );
  const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
  const deep = Buffer.from(jpeg);
  deep[frame + 4] = 12;
  await refused(
    await file('deep.jpg', deep),
    /: is a JPEG of 12 bits a sample, which can't be decoded; save it/,
  );
  const large = await sharp({
    create: { width: 20_000, height: 15_000, channels: 3, background: 'black' },
    limitInputPixels: false,
  })
    .png({ compressionLevel: 1 })
    .toBuffer();
  await refused(await file('large.png', large), /: is 20000 x 15000, more than the 256 million pixels/);
});

test('pixels that are no picture are refused wherever a decoded one is taken', async () => {
  const short = { data: new Uint8Array(3), width: 2, height: 2 };
  const message = (where: string) =>
    `${where}: picture.data has 3 bytes, expected 12, red, green and blue of 2 x 2 pixels`;
  assert.throws(() => toInput(short, 4), { name: 'UserError', message: message('toInput') });
  await assert.rejects(encodePicture(short), { name: 'UserError', message: message('encodePicture') });
  const flat = { data: new Uint8Array(0), width: 0, height: 2 };
  assert.throws(() => toInput(flat, 4), {
    message: 'toInput: picture.width is 0, expected a whole number above 0',
  });
  const right = { data: new Uint8Array(12), width: 2, height: 2 };
  assert.throws(() => toInput(right, 2.5), {
    message: 'toInput: size is 2.5, expected a whole number above 0',
  });
});
