import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../core/errors';
import { decodeText } from './textFile';

const TEXT = 'кот é\r\nimg1\n';

function utf16(text: string, mark = true): Buffer {
  return Buffer.from(`${mark ? '\uFEFF' : ''}${text}`, 'utf16le');
}

test('UTF-8 and UTF-16 in both orders, with their mark and without', () => {
  assert.equal(decodeText(Buffer.from(TEXT), 'a.txt'), TEXT);
  assert.equal(decodeText(Buffer.from(`\uFEFF${TEXT}`), 'a.txt'), TEXT);
  assert.equal(decodeText(utf16(TEXT), 'a.txt'), TEXT);
  assert.equal(decodeText(utf16(TEXT).swap16(), 'a.txt'), TEXT);
  assert.equal(decodeText(utf16('img кот', false), 'a.txt'), 'img кот');
  assert.equal(decodeText(utf16('img кот', false).swap16(), 'a.txt'), 'img кот');
  assert.equal(decodeText(Buffer.alloc(0), 'a.txt'), '');
});

test('the encoding that XML declares is used, unless the bytes show another', () => {
  const xml = (encoding: string) => `<?xml version="1.0" encoding="${encoding}"?><a>é</a>`;
  assert.match(decodeText(Buffer.from(xml('ISO-8859-1'), 'latin1'), 'a.xml'), /<a>é<\/a>$/);
  assert.match(decodeText(Buffer.from(xml('utf-8')), 'a.xml'), /<a>é<\/a>$/);
  assert.match(decodeText(Buffer.from(xml('UTF-16')), 'a.xml'), /<a>é<\/a>$/);
  assert.match(decodeText(utf16(xml('UTF-16')), 'a.xml'), /<a>é<\/a>$/);
});

test('bytes of another encoding are refused in words', () => {
  for (const [bytes, message] of [
    [
      Buffer.from('é', 'latin1'),
      /^a\.txt: is not UTF-8 throughout, so its names can't be read; save it as UTF-8$/,
    ],
    [
      Buffer.from('<?xml version="1.0" encoding="klingon"?>'),
      /^a\.txt: declares the unknown encoding 'klingon'; save/,
    ],
  ] as const) {
    assert.throws(
      () => decodeText(bytes, 'a.txt'),
      (error) => error instanceof UserError && message.test(error.message),
    );
  }
});
