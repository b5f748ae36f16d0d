import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { sha256 } from './sha256';

function expected(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

test('gives what another implementation gives, at every length around the ends of blocks', () => {
  for (let length = 0; length <= 200; length++) {
    const text = 'x'.repeat(length);
    assert.equal(Buffer.from(sha256(text)).toString('hex'), expected(text), `${length} bytes`);
  }
});

test('takes the UTF-8 bytes of any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
      assert.equal(Buffer.from(sha256(text)).toString('hex'), expected(text));
    }),
  );
});
