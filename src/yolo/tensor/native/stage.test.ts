import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { fileSizes, isComplete, removePartials, stage } from './stage';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'stage-'));
});
afterEach(() => rmSync(parent, { recursive: true }));

const write = (text: string) => async (folder: string) => writeFileSync(join(folder, 'a'), text);

test('a stage is made once', async () => {
  const folder = join(parent, 'deep', 'stage');
  assert.equal(await stage(folder, write('one')), true);
  assert.equal(await stage(folder, write('two')), false);
  assert.equal(readFileSync(join(folder, 'a'), 'utf8'), 'one');
});

test('a stage that fails leaves nothing', async () => {
  const work = async (folder: string) => {
    writeFileSync(join(folder, 'a'), 'half');
    throw new Error('cut off');
  };
  await assert.rejects(stage(join(parent, 'stage'), work), /cut off/);
  assert.deepEqual(readdirSync(parent), []);
});

test('a stage whose file is missing or has changed its size is made again', async () => {
  const folder = join(parent, 'stage');
  await stage(folder, write('one'));
  writeFileSync(join(folder, 'a'), 'longer');
  assert.equal(isComplete(folder), false);
  assert.equal(await stage(folder, write('one')), true);
  assert.equal(isComplete(folder), true);
  rmSync(join(folder, 'a'));
  assert.equal(await stage(folder, write('two')), true);
  assert.equal(readFileSync(join(folder, 'a'), 'utf8'), 'two');
});

test('a folder without a stamp is not complete', async () => {
  mkdirSync(join(parent, 'stage'));
  assert.equal(isComplete(join(parent, 'stage')), false);
  assert.equal(isComplete(join(parent, 'absent')), false);
});

test('what a killed process left is removed, and nothing else', async () => {
  mkdirSync(join(parent, 'stage.partial-123'));
  mkdirSync(join(parent, 'other'));
  removePartials(parent);
  assert.deepEqual(readdirSync(parent), ['other']);
  removePartials(join(parent, 'absent'));
  assert.equal(existsSync(join(parent, 'absent')), false);
});

test('file sizes are listed by path, at any depth', () => {
  mkdirSync(join(parent, 'x', 'y'), { recursive: true });
  writeFileSync(join(parent, 'x', 'y', 'b'), '12345');
  writeFileSync(join(parent, 'a'), '');
  assert.deepEqual(fileSizes(parent), { a: 0, [join('x', 'y', 'b')]: 5 });
});
