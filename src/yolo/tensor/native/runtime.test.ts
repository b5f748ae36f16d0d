import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
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
import { UserError } from '../../core/errors';
import type { Downloader } from './download';
import type { Folders } from './folders';
import { type Extractor, makeRuntime } from './runtime';
import { isComplete } from './stage';
import type { Wheel } from './wheel';

const contentOf = (name: string) => `wheel of ${name}`;
const wheel = (name: string): Wheel => ({
  name,
  version: '1.0',
  sha256: createHash('sha256').update(contentOf(name)).digest('hex'),
  megabytes: 1,
});
const wheels = [wheel('tensorflow'), wheel('nvidia')];

let root: string;
let folders: Folders;
let fetched: string[];
let said: string[];
const progress = { say: () => {}, step: (text: string) => void said.push(text), detail: () => {} };

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'runtime-'));
  folders = {
    root,
    runtime: join(root, 'runtime'),
    addon: join(root, 'addon'),
    wheel: ({ name }) => join(root, `wheel-${name}`),
    part: ({ name }) => join(root, `part-${name}`),
  };
  fetched = [];
  said = [];
});
afterEach(() => rmSync(root, { recursive: true }));

const honest: Downloader = async ({ name }, folder) => {
  fetched.push(name);
  writeFileSync(join(folder, `${name}-1.0.whl`), contentOf(name));
};
const unpack: Extractor = async (file, folder) => {
  const name = readFileSync(file, 'utf8').replace('wheel of ', '');
  mkdirSync(join(folder, 'lib'));
  writeFileSync(join(folder, 'lib', `lib${name}.so.2`), name);
};

test('the libraries of all wheels lie side by side, and the wheels are gone', async () => {
  await makeRuntime(wheels, folders, honest, unpack, progress);
  assert.deepEqual(readdirSync(root), ['runtime']);
  assert.deepEqual(readdirSync(join(folders.runtime, 'lib')).sort(), [
    'libnvidia.so.2',
    'libtensorflow.so',
    'libtensorflow.so.2',
    'libtensorflow_framework.so',
  ]);
  assert.deepEqual(said, [
    'Downloading tensorflow 1.0 (1 MB)',
    'Unpacking tensorflow',
    'Downloading nvidia 1.0 (1 MB)',
    'Unpacking nvidia',
  ]);
});

test("Apple's libraries are linked by the names that its linker looks for", async () => {
  const apple: Extractor = async (_, at) => {
    mkdirSync(join(at, 'lib'));
    for (const part of ['cc', 'framework']) {
      writeFileSync(join(at, 'lib', `libtensorflow_${part}.2.dylib`), part);
    }
  };
  await makeRuntime([wheel('tensorflow')], folders, honest, apple, progress);
  const lib = join(folders.runtime, 'lib');
  assert.equal(readFileSync(join(lib, 'libtensorflow.dylib'), 'utf8'), 'cc');
  assert.equal(readFileSync(join(lib, 'libtensorflow_framework.dylib'), 'utf8'), 'framework');
});

test('a finished runtime is not fetched again', async () => {
  await makeRuntime(wheels, folders, honest, unpack, progress);
  await makeRuntime(wheels, folders, honest, unpack, progress);
  assert.deepEqual(fetched, ['tensorflow', 'nvidia']);
});

test('an interrupted set-up goes on at the wheel where it stopped', async () => {
  const cut: Downloader = async (which, folder, tell) => {
    if (which.name === 'nvidia') throw new UserError('connection lost');
    await honest(which, folder, tell);
  };
  await assert.rejects(makeRuntime(wheels, folders, cut, unpack, progress), /connection lost/);
  assert.equal(existsSync(folders.runtime), false);
  assert.deepEqual(readdirSync(root), ['part-tensorflow']);
  await makeRuntime(wheels, folders, honest, unpack, progress);
  assert.deepEqual(fetched, ['tensorflow', 'nvidia']);
  assert.equal(isComplete(folders.runtime), true);
});

test('a wheel that was fetched but not unpacked is not fetched again', async () => {
  const full: Extractor = async () => {
    throw new UserError('no space left on device');
  };
  await assert.rejects(makeRuntime(wheels, folders, honest, full, progress), /no space left/);
  assert.deepEqual(readdirSync(root), ['wheel-tensorflow']);
  await makeRuntime(wheels, folders, honest, unpack, progress);
  assert.deepEqual(fetched, ['tensorflow', 'nvidia']);
});

test('a wheel with another hash is refused and nothing of it is kept', async () => {
  const damaged: Downloader = async ({ name }, folder) => {
    writeFileSync(join(folder, `${name}-1.0.whl`), 'something else');
  };
  await assert.rejects(
    makeRuntime(wheels, folders, damaged, unpack, progress),
    (error) =>
      error instanceof UserError &&
      /^tensorflow-1\.0\.whl has sha256 [0-9a-f]{64}, expected [0-9a-f]{64}: .* run the set-up again$/.test(
        error.message,
      ),
  );
  assert.deepEqual(readdirSync(root), []);
});

test('a download that leaves no file is refused', async () => {
  await assert.rejects(
    makeRuntime(wheels, folders, async () => {}, unpack, progress),
    /downloading tensorflow 1\.0 gave 0 files, expected 1/,
  );
});
