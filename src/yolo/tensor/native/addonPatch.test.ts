import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { patchAddon } from './addonPatch';
import { installedPackage } from './link';

let folder: string;
let source: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yolov1-patch-'));
  cpSync(join(installedPackage().folder, 'binding'), join(folder, 'binding'), { recursive: true });
  source = join(folder, 'binding', 'tfjs_backend.cc');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('the installed package is the one that the patch was written for, and only gains lines', () => {
  const before = readFileSync(source, 'utf8');
  assert.equal(patchAddon(folder), true);
  const after = readFileSync(source, 'utf8').split('\n');
  assert.equal(after.length - before.split('\n').length, 54);
  assert.deepEqual(
    after.filter((line) => /Set(String|Type)List\(env/.test(line)).map((line) => line.trim()),
    [
      'if (SetStringList(env, tfe_op, attr_name, js_value)) break;',
      'if (SetTypeList(env, tfe_op, attr_name, js_value)) break;',
    ],
  );
});

test('another source is left as it is', () => {
  writeFileSync(source, `${readFileSync(source, 'utf8')}\n`);
  const before = readFileSync(source, 'utf8');
  assert.equal(patchAddon(folder), false);
  assert.equal(readFileSync(source, 'utf8'), before);
});
