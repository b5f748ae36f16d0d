import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { AnnotatedItem, Dataset } from '../../data/dataset';
import { preflight } from './preflight';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'preflight-'));
});
after(() => rm(folder, { recursive: true }));

const CLASSES = ['disc', 'box'];

/** A data set of pictures by key and content; each shows one object unless it is to be empty. */
function dataOf(pictures: Record<string, string>, classes = CLASSES, empty = false): Dataset {
  const items = Object.entries(pictures).map(([key, pictureHash]) => {
    const objects = empty ? [] : [{ name: classes[0], box: {}, difficult: false }];
    return { key, pictureHash, annotation: { objects } } as unknown as AnnotatedItem;
  });
  return { items, classes, fingerprint: '' };
}

const refuse = (of: Partial<Parameters<typeof preflight>[0]>, message: RegExp) =>
  assert.rejects(
    preflight({ train: dataOf({ a: '1' }), evaluate: dataOf({ b: '2' }), folders: [], faults: [], ...of }),
    message,
  );

test('what is right passes, and leaves nothing behind', async () => {
  const path = join(folder, 'not', 'yet');
  const folders = [{ path, purpose: 'checkpoints', bytes: 1 }];
  await preflight({ train: dataOf({ a: '1' }), evaluate: dataOf({ b: '2' }), folders, faults: [] });
  assert.equal(existsSync(join(folder, 'not')), false);
});

test('classes that are others, or in another order, are refused', async () => {
  await refuse(
    { evaluate: dataOf({ b: '2' }, ['box', 'disc']) },
    /trained on are disc, box, evaluated on box, disc; expected the same/,
  );
  await refuse({ evaluate: dataOf({ b: '2' }, ['disc']) }, /evaluated on disc;/);
});

test('a picture that is trained on and evaluated on is found by its name and by its content', async () => {
  await refuse(
    { evaluate: dataOf({ a: '9' }) },
    /^UserError: 1 picture is trained on and evaluated on \(a\); take them out of one list$/,
  );
  await refuse(
    { evaluate: dataOf({ b: '1', c: '2' }) },
    /1 picture is trained on and evaluated on \(b is a\)/,
  );
});

test('lists without any object are refused', async () => {
  await refuse({ train: dataOf({ a: '1' }, CLASSES, true) }, /nothing to learn/);
  await refuse({ evaluate: dataOf({ b: '2' }, CLASSES, true) }, /nothing to find$/);
});

test('held-out pictures have to hold an object that counts, and none that is evaluated', async () => {
  const difficult = dataOf({ c: '3' });
  difficult.items[0].annotation.objects[0] = { ...difficult.items[0].annotation.objects[0], difficult: true };
  for (const heldOut of [dataOf({ c: '3' }, CLASSES, true), difficult]) {
    await refuse({ heldOut }, /^UserError: config: heldOut: its pictures hold no object, .* a larger share$/);
  }
  await refuse({ heldOut: dataOf({ c: '2' }) }, /1 picture is trained on and evaluated on \(b is c\)/);
});

test('a folder that cannot be written or is too small is named with what it is for, and all faults come at once', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const folders = [
    { path: join(file, 'inside'), purpose: 'results', bytes: 0 },
    { path: folder, purpose: 'checkpoints', bytes: 2 ** 60 },
  ];
  await refuse(
    { folders, faults: ['config: first fault'], evaluate: dataOf({ a: '2' }) },
    /config: first fault; 1 picture is trained on .*; .*inside: results can't be written there \(.*; .*: .* are free, checkpoints need .*free some/,
  );
});
