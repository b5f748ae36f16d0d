import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { codeCells, formatNotebook } from './format';
import { joinLines, splitLines } from './lines';
import { parseNotebook } from './parse';

const FIXTURE = join(__dirname, 'fixtures', 'nbformat.ipynb');
const text = readFileSync(FIXTURE, 'utf8');

test('a notebook written by nbformat is read and written again byte for byte', () => {
  assert.equal(formatNotebook(parseNotebook(text, FIXTURE)), text);
});

test('multi-line text is one string when read, whatever ends its lines', () => {
  const notebook = parseNotebook(text, FIXTURE);
  const ends = 'a\nb\r\nc\rd\ve\ff\x1cg\x1dh\x1ei\x85j\u2028k\u2029l';
  const [first] = codeCells(notebook);
  assert.equal(first?.source, `const ends = \`${ends}\`;`);
  assert.deepEqual(first?.outputs[0], { output_type: 'stream', name: 'stdout', text: ends });
  assert.equal(splitLines(ends).length, 12);
});

test('splitting text into lines loses nothing', () => {
  const unit = fc.constantFrom('a', '🙂', ' ', '\n', '\r', '\v', '\f', '\x1c', '\x85', '\u2028', '\ud800');
  fc.assert(
    fc.property(fc.string({ unit }), (value) => {
      assert.equal(joinLines(splitLines(value)), value);
    }),
  );
});
