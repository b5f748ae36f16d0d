import assert from 'node:assert/strict';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { Folders } from './folders';
import { isLinked, link } from './link';

let root: string;
let packageFolder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'link-'));
  packageFolder = join(root, 'package');
  mkdirSync(packageFolder);
  for (const name of ['addon', 'newer']) {
    mkdirSync(join(root, name, 'lib'), { recursive: true });
    writeFileSync(join(root, name, 'lib', 'binding'), name);
  }
});
afterEach(() => rmSync(root, { recursive: true }));

const addon = (name: string) => ({ addon: join(root, name) }) as Folders;

test('a package without an addon gets a link to it', () => {
  assert.equal(isLinked(packageFolder, addon('addon')), false);
  link(packageFolder, addon('addon'));
  assert.equal(isLinked(packageFolder, addon('addon')), true);
  assert.deepEqual(readdirSync(packageFolder), ['lib']);
});

test('an older link and a folder of files give way', () => {
  link(packageFolder, addon('addon'));
  link(packageFolder, addon('newer'));
  assert.equal(isLinked(packageFolder, addon('addon')), false);
  assert.equal(isLinked(packageFolder, addon('newer')), true);
  rmSync(join(packageFolder, 'lib'));
  mkdirSync(join(packageFolder, 'lib', 'napi-v8'), { recursive: true });
  link(packageFolder, addon('addon'));
  assert.equal(lstatSync(join(packageFolder, 'lib')).isSymbolicLink(), true);
  assert.deepEqual(readdirSync(packageFolder), ['lib']);
});

test('a link whose addon was deleted does not count, and nothing of the addon is lost by relinking', () => {
  link(packageFolder, addon('addon'));
  rmSync(join(root, 'addon'), { recursive: true });
  assert.equal(isLinked(packageFolder, addon('addon')), false);
  link(packageFolder, addon('newer'));
  assert.equal(existsSync(join(root, 'newer', 'lib', 'binding')), true);
});
