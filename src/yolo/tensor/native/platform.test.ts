import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gpuNames, type Platform, platformRefused, runtimeFor, targetOf } from './platform';

const debian: Platform = { os: 'linux', architecture: 'x64', glibc: '2.36', avx: true, kernel: '6.1.0' };
const mac: Platform = { os: 'darwin', architecture: 'arm64', avx: false, kernel: '21.6.0' };

test('a Linux on x86-64 with glibc 2.27 or newer and AVX is accepted', () => {
  assert.equal(platformRefused(debian), undefined);
  assert.equal(platformRefused({ ...debian, glibc: '2.27' }), undefined);
  assert.equal(platformRefused({ ...debian, glibc: '3.0' }), undefined);
});

test('so are an aarch64 Linux, which has no AVX, and macOS 12 on arm64', () => {
  const arm = { ...debian, architecture: 'arm64', avx: false };
  assert.equal(platformRefused(arm), undefined);
  assert.equal(targetOf(arm), 'linux-arm64');
  assert.equal(platformRefused(mac), undefined);
  assert.equal(targetOf(mac), 'darwin-arm64');
});

test('every other platform is refused by name', () => {
  const refused: [Platform, RegExp][] = [
    [
      { ...mac, architecture: 'x64' },
      /this is darwin on x64; .* Linux \(x86-64, aarch64\) and macOS \(arm64\) only/,
    ],
    [
      { ...mac, kernel: '20.6.0' },
      /macOS 12 or newer, whose kernel is Darwin 21; here it is Darwin 20\.6\.0/,
    ],
    [{ ...debian, os: 'win32' }, /this is win32 on x64/],
    [{ ...debian, architecture: 'ia32' }, /this is linux on ia32/],
    [{ ...debian, glibc: undefined }, /GNU C library/],
    [{ ...debian, architecture: 'arm64', glibc: '2.26' }, /glibc 2\.27 or newer/],
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
  assert.equal(runtimeFor(['NVIDIA T4'], 'linux-x64'), 'cuda');
  assert.equal(runtimeFor(['NVIDIA T4'], 'linux-arm64'), 'cpu');
  assert.equal(runtimeFor([], 'linux-x64'), 'cpu');
});
