import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import sharp from 'sharp';
import { UserError } from '../../core/errors';
import { readAnnotatedPicture } from './annotatedPicture';
import { readPicture } from './picture';
import { readPictureHeader, uprightSize } from './pictureHeader';

let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'annotated-'));
});
after(() => rm(folder, { recursive: true }));

/** A picture that is red on the left and blue on the right as it is stored, with an EXIF orientation. */
async function turned(
  orientation: number,
  { width = 32, height = 16, format = 'jpeg' as 'jpeg' | 'png' | 'webp' | 'tiff' } = {},
) {
  const half = { width: width / 2, height, channels: 3 as const };
  const file = await sharp({ create: { ...half, width, background: 'blue' } })
    .composite([{ input: { create: { ...half, background: 'red' } }, left: 0, top: 0 }])
    .withMetadata({ orientation })
    .toFormat(format, { quality: 100 })
    .toBuffer();
  const path = join(folder, `${orientation}-${width}x${height}.${format}`);
  await writeFile(path, file);
  return path;
}

function annotated(width: number, height: number, objects = 1) {
  return { path: 'a.xml', width, height, objects };
}

test('the header tells size and orientation as the decoder does, in every format', async () => {
  for (const format of ['jpeg', 'png', 'webp', 'tiff'] as const) {
    for (const orientation of [1, 3, 6, 8]) {
      const path = await turned(orientation, { format });
      const header = await readPictureHeader(path);
      assert.deepEqual(header, { format, width: 32, height: 16, orientation });
      const { width, height } = await readPicture(path, { orient: true });
      assert.deepEqual(uprightSize(header), { width, height });
    }
  }
});

test('a picture that its orientation turns is seen as its annotation has it', async () => {
  const path = await turned(6);
  const stored = await readAnnotatedPicture(path, annotated(32, 16));
  assert.deepEqual([stored.width, stored.height], [32, 16]);
  const upright = await readAnnotatedPicture(path, annotated(16, 32));
  assert.deepEqual([upright.width, upright.height], [16, 32]);
  // Turned clockwise, left becomes above.
  assert.ok(upright.data[0] > 200 && upright.data.at(-1)! > 200);
});

test("where both ways have the size, boxes can't tell: an error that names EXIF and the two ways out", async () => {
  for (const path of [await turned(3), await turned(2), await turned(6, { width: 16, height: 16 })]) {
    const { width, height } = await readPictureHeader(path);
    await assert.rejects(readAnnotatedPicture(path, annotated(width, height)), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(
        error.message,
        /EXIF orientation \d, and its boxes fit .*--exif turned .* or --exif stored$/,
      );
      return true;
    });
    const { data } = await readAnnotatedPicture(path, annotated(width, height, 0));
    assert.deepEqual(
      data,
      (await readPicture(path, { orient: true })).data,
      'without boxes it is seen upright',
    );
  }
});

test('an annotation of another size is refused, and told both sizes of a turned picture', async () => {
  await assert.rejects(
    readAnnotatedPicture(await turned(6), annotated(31, 16)),
    /^UserError: a\.xml: says 31 x 16, but the picture is 32 x 16 \(16 x 32 as its EXIF orientation turns it\); correct/,
  );
  await assert.rejects(
    readAnnotatedPicture(await turned(1), annotated(16, 32)),
    /the picture is 32 x 16; correct <size>/,
  );
});
