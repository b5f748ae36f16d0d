import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { generateScene } from '../scene/scene';
import { encodePicture } from './encodePicture';
import { type ListedCopy, nearDuplicatesAcross, smallCopyOf } from './nearDuplicates';
import { readPicture } from './picture';

test('the same picture encoded anew or scaled is found across lists, other pictures and one list are not', async () => {
  const scenes = await Promise.all(
    Array.from({ length: 60 }, (_, seed) => generateScene(`near/${seed}`, { width: 150, height: 120 })),
  );
  const pictures: ListedCopy[] = scenes.map(({ picture }, index) => ({
    id: `${index}`,
    lists: ['train', 'trainval'],
    copy: smallCopyOf(picture),
  }));
  assert.deepEqual(nearDuplicatesAcross(pictures), []);
  const png = await encodePicture(scenes[7].picture, 'png');
  const changed = [sharp(png).jpeg({ quality: 40 }), sharp(png).resize(90).jpeg(), sharp(png).png()];
  for (const [index, image] of changed.entries()) {
    const copy = smallCopyOf(await readPicture(await image.toBuffer()));
    const inVal = { id: `copy ${index}`, lists: ['val', 'trainval'], copy };
    assert.deepEqual(nearDuplicatesAcross([...pictures, inVal]), [[pictures[7], inVal]]);
    assert.deepEqual(nearDuplicatesAcross([...pictures, { ...inVal, lists: ['train', 'trainval'] }]), []);
  }
});

test('plain pictures tell nothing', () => {
  const plain = { data: new Uint8Array(300).fill(9), width: 10, height: 10 };
  const copies = ['train', 'val'].map((list) => ({ id: list, lists: [list], copy: smallCopyOf(plain) }));
  assert.deepEqual(nearDuplicatesAcross(copies), []);
});
