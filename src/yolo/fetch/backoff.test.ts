import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoffMilliseconds, retryAfterMilliseconds } from './backoff';

test('pauses double', () => {
  assert.deepEqual([1, 2, 3, 4, 5].map(backoffMilliseconds), [1_000, 2_000, 4_000, 8_000, 16_000]);
});

test('Retry-After is seconds or a date; anything else is none', () => {
  const now = Date.parse('Wed, 21 Oct 2015 07:28:00 GMT');
  const cases: [string | null, number | undefined][] = [
    [null, undefined],
    ['0', 0],
    [' 120 ', 120_000],
    ['Wed, 21 Oct 2015 07:28:30 GMT', 30_000],
    ['Wed, 21 Oct 2015 07:27:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
  ];
  for (const [header, expected] of cases)
    assert.equal(retryAfterMilliseconds(header, now), expected, `${header}`);
});
