import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { readEnvironment } from './environment';
import { UserError } from './errors';

test('without variables every folder has its default and no backend is forced', () => {
  assert.deepEqual(readEnvironment({}), {
    dataFolder: resolve('data/VOCdevkit'),
    weightsFolder: resolve('data/weights'),
    cacheFolder: join(homedir(), '.cache', 'yolov1'),
    noColor: false,
    ci: false,
    bfloat16: false,
    searchPath: '',
  });
});

test('every variable is read', () => {
  const environment = readEnvironment({
    YOLOV1_BACKEND: 'wasm',
    YOLOV1_DATA: '/data/voc',
    YOLOV1_WEIGHTS: '/data/weights',
    YOLOV1_CACHE: '/cache',
    YOLOV1_PROFILE: 'mini',
    XDG_CACHE_HOME: '/unused',
    NO_COLOR: '1',
    CI: 'true',
    YOLOV1_BF16: '1',
    ONEDNN_DEFAULT_FPMATH_MODE: 'BF16',
    PATH: '/bin',
  });
  assert.deepEqual(environment, {
    backend: 'wasm',
    dataFolder: '/data/voc',
    weightsFolder: '/data/weights',
    cacheFolder: '/cache',
    profile: 'mini',
    noColor: true,
    ci: true,
    bfloat16: true,
    oneDnnMathMode: 'BF16',
    searchPath: '/bin',
  });
});

test('the cache lies in XDG_CACHE_HOME unless YOLOV1_CACHE names it', () => {
  assert.equal(readEnvironment({ XDG_CACHE_HOME: '/xdg' }).cacheFolder, '/xdg/yolov1');
});

test('an empty variable counts as unset, and CI=false as not on CI', () => {
  const environment = readEnvironment({ YOLOV1_BACKEND: '', YOLOV1_CACHE: '', NO_COLOR: '', CI: 'false' });
  assert.equal(environment.backend, undefined);
  assert.equal(environment.cacheFolder, join(homedir(), '.cache', 'yolov1'));
  assert.equal(environment.noColor, false);
  assert.equal(environment.ci, false);
});

test('an unknown profile is refused with the ones there are', () => {
  assert.throws(
    () => readEnvironment({ YOLOV1_PROFILE: 'tiny' }),
    /YOLOV1_PROFILE is 'tiny', expected one of smoke, short, mini, full/,
  );
});

test('an unknown backend is refused with the ones there are', () => {
  assert.throws(
    () => readEnvironment({ YOLOV1_BACKEND: 'gpu' }),
    (error) =>
      error instanceof UserError &&
      error.message ===
        "YOLOV1_BACKEND is 'gpu', expected 'tensorflow' or 'webgpu' or 'wasm'; unset it to let the program choose",
  );
});
