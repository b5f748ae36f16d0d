import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { findNodeHeaders, findProgram, missingTools } from './tools';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tools-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('nothing is missing when all tools are there', () => {
  assert.equal(missingTools({ python: '/p', compiler: '/c', make: '/m' }), undefined);
});

test('every missing tool is named, with the command that installs them', () => {
  assert.equal(
    missingTools({}),
    'native TensorFlow needs Python 3 with pip, a C++ compiler, make: not found; install it (Debian, Ubuntu: apt-get install python3-pip g++ make)',
  );
  assert.match(missingTools({ python: '/p', make: '/m' }) ?? '', /needs a C\+\+ compiler: not found/);
});

test('a program is found by preference, then by the order of the folders', () => {
  const [first, second] = [join(folder, 'first'), join(folder, 'second')];
  for (const path of [first, second]) mkdirSync(path);
  const place = (path: string, mode: number) => {
    writeFileSync(path, '');
    chmodSync(path, mode);
  };
  place(join(first, 'clang++'), 0o755);
  place(join(first, 'g++'), 0o644); // not executable
  place(join(second, 'g++'), 0o755);
  mkdirSync(join(first, 'make'));
  const searchPath = [first, '', second].join(delimiter);
  assert.equal(findProgram(['g++', 'clang++'], searchPath), join(second, 'g++'));
  assert.equal(findProgram(['clang++'], searchPath), join(first, 'clang++'));
  assert.equal(findProgram(['make'], searchPath), undefined);
});

test("Node's headers are found beside its executable", () => {
  const include = join(folder, 'include', 'node');
  mkdirSync(include, { recursive: true });
  for (const file of ['node_api.h', 'common.gypi']) writeFileSync(join(include, file), '');
  assert.equal(findNodeHeaders(join(folder, 'bin', 'node')), folder);
});
