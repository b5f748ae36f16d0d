import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gpuNames, type Platform, platformRefused, runtimeFor } from './platform';

const debian: Platform = { os: 'linux', architecture: 'x64', glibc: '2.36', avx: true };

test('a Linux on x86-64 with glibc 2.27 or newer and AVX is accepted', () => {
  assert.equal(platformRefused(debian), undefined);
  assert.equal(platformRefused({ ...debian, glibc: '2.27' }), undefined);
  assert.equal(platformRefused({ ...debian, glibc: '3.0' }), undefined);
});

test('every other platform is refused by name', () => {
  const refused: [Platform, RegExp][] = [
    [{ ...debian, os: 'darwin', architecture: 'arm64' }, /this is darwin on arm64; .* Linux x86-64 only/],
    [{ ...debian, os: 'win32' }, /this is win32 on x64/],
    [{ ...debian, architecture: 'arm64' }, /this is linux on arm64/],
    [{ os: 'linux', architecture: 'x64', avx: true }, /GNU C library/],
    [{ ...debian, glibc: '2.26' }, /glibc 2\.27 or newer, here it is 2\.26/],
    [{ ...debian, avx: false }, /AVX/],
  ];
  for (const [platform, message] of refused) assert.match(platformRefused(platform) ?? '', message);
});

test('the CUDA runtime is chosen exactly when the driver names a GPU', () => {
  assert.deepEqual(gpuNames('NVIDIA GeForce RTX 3060\nNVIDIA T4\n'), [
    'NVIDIA GeForce RTX 3060',
    'NVIDIA T4',
  ]);
  assert.deepEqual(gpuNames('No devices were found\n'), []);
  assert.equal(runtimeFor(['NVIDIA T4']), 'cuda');
  assert.equal(runtimeFor([]), 'cpu');
});
