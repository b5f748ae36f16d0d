import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { UserError } from '../core/errors';
import { formatBytes, parseBytes } from './bytes';

test('sizes as people write them', () => {
  assert.equal(parseBytes('6GB'), 6_000_000_000);
  assert.equal(parseBytes('6 GiB'), 6_442_450_944);
  assert.equal(parseBytes('5.5gb'), 5_500_000_000);
  assert.equal(parseBytes(' 800 MB '), 800_000_000);
  assert.equal(parseBytes('6144MiB'), 6_442_450_944);
  assert.equal(parseBytes('123456 B'), 123_456);
});

test('what is no size is a mistake of the user that names it', () => {
  for (const text of [
    '',
    '6',
    '6000000000',
    '6 apples',
    '-1GB',
    '0GB',
    'GB',
    '1e400',
    '6GB8',
    '6,5GB',
    '99999999TB',
  ]) {
    assert.throws(
      () => parseBytes(text, '--budget'),
      (error) =>
        error instanceof UserError && error.message.startsWith(`--budget is '${text}', expected a size`),
    );
  }
});

test('sizes for people', () => {
  assert.equal(formatBytes(1_964_000_000), '1.96 GB');
  assert.equal(formatBytes(830_400_000), '830 MB');
  assert.equal(formatBytes(12_300), '12 kB');
  assert.equal(formatBytes(0), '0 kB');
});

test('a printed size reads back to within a percent', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1e8, max: 1e13 }), (bytes) => {
      assert.ok(Math.abs(parseBytes(formatBytes(bytes)) / bytes - 1) < 0.01);
    }),
  );
});
