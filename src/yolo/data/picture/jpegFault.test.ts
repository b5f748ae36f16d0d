import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import sharp from 'sharp';
import { Random } from '../../core/random';
import { generateScene } from '../scene/scene';
import { encodePicture } from './encodePicture';
import { jpegFault } from './jpegFault';

const CASES = join(__dirname, '../../../../../shared/cases/voc/corrupt_jpeg');

/** Kinds of JPEG that cameras and programs write. */
const kinds = new Map<string, Buffer>();

before(async () => {
  const { picture } = await generateScene('fault', { width: 333, height: 251 });
  const png = await encodePicture(picture, 'png');
  const jpeg = (options: sharp.JpegOptions) =>
    sharp(png)
      .jpeg({ quality: 90, ...options })
      .toBuffer();
  kinds.set('baseline', await jpeg({}));
  kinds.set('without subsampling', await jpeg({ chromaSubsampling: '4:4:4' }));
  kinds.set('progressive', await jpeg({ progressive: true }));
  kinds.set('progressive, scans by the encoder', await jpeg({ mozjpeg: true }));
  kinds.set('grey', await sharp(png).greyscale().jpeg().toBuffer());
  kinds.set('grey, progressive', await sharp(png).greyscale().jpeg({ progressive: true }).toBuffer());
  kinds.set('CMYK', await sharp(png).toColourspace('cmyk').jpeg().toBuffer());
  kinds.set(
    'followed by other bytes',
    Buffer.concat([await jpeg({}), Buffer.from('trailing \xff\xd8', 'latin1')]),
  );
});

test('sound JPEGs of every kind have no fault', () => {
  for (const [kind, file] of kinds) assert.equal(jpegFault(file), undefined, kind);
});

test('noise of 64 bytes anywhere in the data is found in nearly every case, in every kind', () => {
  const random = new Random('noise');
  for (const [kind, file] of kinds) {
    let found = 0;
    for (let trial = 0; trial < 20; trial++) {
      const altered = Buffer.from(file);
      const at = random.integer(Math.floor(file.length * 0.3), Math.floor(file.length * 0.7));
      for (let byte = at; byte < at + 64; byte++) altered[byte] = random.integer(0, 255);
      if (jpegFault(altered) !== undefined) found++;
    }
    // By chance codes come out even, about once in a hundred; and scans that only refine are made of bits that may
    // all be either.
    const least = kind.startsWith('progressive') ? 12 : 18;
    assert.ok(found >= least, `${kind}: ${found} of 20`);
  }
});

test('a block that is cut out, zeroed or filled is found', () => {
  const file = kinds.get('baseline')!;
  const middle = file.length >> 1;
  const removed = Buffer.concat([file.subarray(0, middle), file.subarray(middle + 500)]);
  assert.match(jpegFault(removed) ?? '', /\w/);
  for (const value of [0, 0xff])
    assert.match(jpegFault(Buffer.from(file).fill(value, middle, middle + 900)) ?? '', /\w/);
});

test('restart markers divide the data: each part is followed by itself', () => {
  // A grey picture of two units, each a block without differences, with a marker between them.
  const frame = [0xff, 0xc0, 0, 11, 8, 0, 8, 0, 16, 1, 1, 0x11, 0];
  const tables = [0, 0x10].flatMap((kind) => [0xff, 0xc4, 0, 20, kind, 1, ...Array(15).fill(0), 0]);
  const scan = [0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0];
  const jpeg = (...data: number[]) =>
    Buffer.from([0xff, 0xd8, ...frame, ...tables, 0xff, 0xdd, 0, 4, 0, 1, ...scan, ...data, 0xff, 0xd9]);
  assert.equal(jpegFault(jpeg(0x3f, 0xff, 0xd0, 0x3f)), undefined);
  assert.match(jpegFault(jpeg(0x3f)) ?? '', /^1 restart intervals, expected 2$/);
  assert.match(jpegFault(jpeg(0x3f, 0x12, 0xff, 0xd0, 0x3f)) ?? '', /^1 byte is left over$/);
});

test('what is no JPEG, or ends within its headers, throws nothing', () => {
  const file = kinds.get('progressive')!;
  for (let length = 0; length < 700; length += 7) jpegFault(file.subarray(0, length));
  assert.equal(jpegFault(Buffer.from('text')), undefined);
});

test('a photograph that was damaged in five ways', {
  skip: existsSync(CASES) ? false : `${CASES} is not there`,
}, () => {
  for (const name of readdirSync(CASES)) {
    const fault = jpegFault(readFileSync(join(CASES, name)));
    assert.equal(fault === undefined, name === 'good.jpg', `${name}: ${fault}`);
  }
});
